import { invalidArgument } from "@s2-dev/streamstore-core";

const U64_BYTES = 8;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** An unsigned 64-bit integer as a bigint. Throws `INVALID_ARGUMENT`, naming the field, for anything else. */
export function toU64(value: bigint | number, field: string): bigint {
  const isValid =
    typeof value === "bigint" ? value >= 0n && value <= MAX_U64 : Number.isSafeInteger(value) && value >= 0;
  if (isValid) return BigInt(value);
  const rule = "be a bigint from 0 to 2^64-1 or a safe non-negative integer";
  throw invalidArgument(
    `${field} must ${rule}; got ${typeof value === "bigint" ? `${value}n` : String(value)}`,
  );
}

/** An unsigned 64-bit integer as 8 big-endian bytes. Throws `INVALID_ARGUMENT` when it does not fit. */
export function encodeU64(value: bigint | number): Uint8Array {
  const valid = toU64(value, "value");
  const bytes = new Uint8Array(U64_BYTES);
  // Two halves as numbers: measured at a third of what a DataView of its own costs.
  writeU32(bytes, 0, Number(valid >> 32n));
  writeU32(bytes, 4, Number(valid & 0xffff_ffffn));
  return bytes;
}

/** The unsigned 64-bit integer in 8 big-endian bytes. Throws `INVALID_ARGUMENT` when there are not exactly 8. */
export function decodeU64(bytes: Uint8Array): bigint {
  if (bytes.length !== U64_BYTES) throw invalidArgument(`a u64 is ${U64_BYTES} bytes; got ${bytes.length}`);
  const high = readU32(bytes, 0);
  const low = readU32(bytes, 4);
  return high < 2 ** 21 ? BigInt(high * 2 ** 32 + low) : (BigInt(high) << 32n) | BigInt(low);
}

/** The same for bytes from a stranger: `undefined` when there are not exactly 8. */
export function tryDecodeU64(bytes: Uint8Array): bigint | undefined {
  return bytes.length === U64_BYTES ? decodeU64(bytes) : undefined;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function readU32(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let index = at; index < at + 4; index += 1) value = (value << 8) | (bytes[index] as number);
  return value >>> 0;
}
