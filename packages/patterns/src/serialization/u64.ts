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
  const bytes = new Uint8Array(U64_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, toU64(value, "value"));
  return bytes;
}

/** The unsigned 64-bit integer in 8 big-endian bytes. Throws `INVALID_ARGUMENT` when there are not exactly 8. */
export function decodeU64(bytes: Uint8Array): bigint {
  if (bytes.length !== U64_BYTES) throw invalidArgument(`a u64 is ${U64_BYTES} bytes; got ${bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset, U64_BYTES).getBigUint64(0);
}

/** The same for bytes from a stranger: `undefined` when there are not exactly 8. */
export function tryDecodeU64(bytes: Uint8Array): bigint | undefined {
  return bytes.length === U64_BYTES ? decodeU64(bytes) : undefined;
}
