/**
 * An unsigned 64-bit integer: a number up to 2^53-1 and a bigint only above it, so that equal values are identical
 * and `<` works across both.
 */
export type U64 = number | bigint;

/** 2^64-1: what the service writes as the trim point and timestamp of a deletion. */
export const U64_MAX: U64 = 0xffff_ffff_ffff_ffffn;

/** The canonical form of an integer that is known to be in range. */
export function u64(value: bigint): U64 {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** Parses what Rust's `u64::from_str` takes: decimal digits with an optional `+`; `undefined` when it is no u64. */
export function parseU64(text: string): U64 | undefined {
  if (!/^\+?\d+$/.test(text)) return undefined;
  const digits = text.replace(/^\+/, "");
  if (digits.length <= 15) return Number(digits);
  const value = BigInt(digits);
  return value <= (U64_MAX as bigint) ? u64(value) : undefined;
}

/** The greater of two. */
export function maxU64(left: U64, right: U64): U64 {
  return left < right ? right : left;
}

/** `left + right`, stopping at 2^64-1. */
export function addU64(left: U64, right: U64): U64 {
  if (typeof left === "number" && typeof right === "number" && left + right <= Number.MAX_SAFE_INTEGER) {
    return left + right;
  }
  const sum = BigInt(left) + BigInt(right);
  return sum > (U64_MAX as bigint) ? U64_MAX : u64(sum);
}

/** `left - right`, stopping at 0. */
export function subtractU64(left: U64, right: U64): U64 {
  if (left <= right) return 0;
  if (typeof left === "number" && typeof right === "number") return left - right;
  return u64(BigInt(left) - BigInt(right));
}
