import { type U64, u64 } from "./u64.js";

/** Bytes that a protobuf varint of the value takes. */
export function varintLength(value: U64): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  if (value < 0x8_0000_0000) return 5;
  if (value < 0x400_0000_0000) return 6;
  if (value < 0x2_0000_0000_0000) return 7;
  if (value < 0x100_0000_0000_0000n) return 8;
  if (value < 0x8000_0000_0000_0000n) return 9;
  return 10;
}

/** Writes a varint at the offset and returns the offset behind it. */
export function writeVarint(bytes: Uint8Array, offset: number, value: U64): number {
  if (typeof value === "bigint") return writeBigVarint(bytes, offset, value);
  let rest = value;
  let at = offset;
  // Beyond 31 bits the shift operators cut off, so the upper part is taken by division.
  while (rest > 0x7fff_ffff) {
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

function writeBigVarint(bytes: Uint8Array, offset: number, value: bigint): number {
  let rest = value;
  let at = offset;
  while (rest > 0x7fn) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[at++] = Number(rest);
  return at;
}

/** Reads varints out of bytes that this server wrote itself; `offset` moves along. */
export class VarintReader {
  offset: number;

  constructor(
    readonly bytes: Uint8Array,
    offset = 0,
  ) {
    this.offset = offset;
  }

  /** A varint that fits 31 bits: lengths and tags. */
  small(): number {
    let value = 0;
    let shift = 0;
    for (;;) {
      const byte = this.bytes[this.offset++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7;
    }
  }

  u64(): U64 {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 7; index += 1) {
      const byte = this.bytes[this.offset++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    let high = 0n;
    let shift = 49n;
    for (;;) {
      const byte = this.bytes[this.offset++] as number;
      high |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return u64(high | BigInt(value));
      shift += 7n;
    }
  }
}
