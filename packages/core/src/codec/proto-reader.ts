import { CodecError } from "./codec-error.js";
import type { U64 } from "./wire-types.js";

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_START_GROUP = 3;
const WIRE_END_GROUP = 4;
const WIRE_FIXED32 = 5;

/** What `uint` answers for a number beyond 2^53-1; its value is then in `wide`. */
export const UNSAFE = -1;

const MAX_GROUP_DEPTH = 100;
const TWO_POW_28 = 0x1000_0000;

/**
 * Reads protobuf forwards out of one buffer. `end` is where the current message ends; whoever enters a nested message
 * sets it and puts it back. Strict like the service's own decoder: a field of the wrong wire type is refused.
 */
export class ProtoReader {
  bytes: Uint8Array;
  pos = 0;
  end: number;
  /** The number for which `uint` last answered `UNSAFE`. */
  wide = 0n;
  // Kept, since each access to a typed array's own costs half of what making a view does (measured: 45 ns to 22).
  buffer: ArrayBufferLike;
  byteOffset: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.buffer = bytes.buffer;
    this.byteOffset = bytes.byteOffset;
  }

  /** Goes on in another buffer. */
  moveTo(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.pos = at;
    this.end = bytes.length;
    this.buffer = bytes.buffer;
    this.byteOffset = bytes.byteOffset;
  }

  /** The key of the next field: field number and wire type in one number. */
  key(): number {
    const first = this.bytes[this.pos] as number;
    if (first < 0x80 && first > 7) {
      this.pos += 1;
      return first;
    }
    const key = this.uint();
    if (key > 0xffff_ffff || key === UNSAFE)
      throw malformed(`invalid key value: ${key === UNSAFE ? this.wide : key}`);
    if (key < 8) throw malformed("invalid tag value: 0");
    return key;
  }

  /**
   * An unsigned integer of up to 64 bits; `UNSAFE` when it is beyond 2^53-1. Past the buffer's end a byte is
   * undefined, which is neither below nor above 0x80.
   */
  uint(): number {
    const { bytes } = this;
    let { pos } = this;
    let low = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = bytes[pos++] as number;
      low |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80 && shift < 28);
    let middle = 0;
    for (shift = 0; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[pos++] as number;
      middle |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80) return this.#uintAbove56Bits(low, middle, pos);
    if (!(byte < 0x80) || pos > this.end) throw malformed("invalid varint");
    this.pos = pos;
    if (middle === 0) return low;
    if (middle < 0x200_0000) return low + middle * TWO_POW_28;
    this.wide = BigInt(low) + BigInt(middle) * BigInt(TWO_POW_28);
    return UNSAFE;
  }

  #uintAbove56Bits(low: number, middle: number, start: number): number {
    const ninth = this.bytes[start] ?? 0x80;
    const tenth = ninth >= 0x80 ? (this.bytes[start + 1] ?? 0x80) : 0;
    const pos = start + (ninth >= 0x80 ? 2 : 1);
    if (tenth > 1 || pos > this.end) throw malformed("invalid varint");
    this.pos = pos;
    const high = (ninth & 0x7f) | (tenth << 7);
    if (high === 0 && middle < 0x200_0000) return low + middle * TWO_POW_28;
    this.wide = BigInt(low) + BigInt(middle) * BigInt(TWO_POW_28) + (BigInt(high) << 56n);
    return UNSAFE;
  }

  /** An unsigned 64-bit integer, exactly. */
  u64(): U64 {
    const value = this.uint();
    return value === UNSAFE ? this.wide : value;
  }

  /** The length of what follows, which lies wholly within the current message. */
  length(): number {
    const length = this.lengthWithin();
    if (length < 0) throw malformed("buffer underflow");
    return length;
  }

  /** The same, or -1 when the current message ends before. Below 2^28 all the way, so that it stays an integer to V8. */
  lengthWithin(): number {
    const { bytes, pos } = this;
    const first = bytes[pos] as number;
    if (first < 0x80) {
      this.pos = pos + 1;
      return first <= this.end - this.pos ? first : -1;
    }
    const second = bytes[pos + 1] as number;
    if (second < 0x80) {
      this.pos = pos + 2;
      const length = (first & 0x7f) | (second << 7);
      return length <= this.end - this.pos ? length : -1;
    }
    return this.#longLength();
  }

  #longLength(): number {
    const length = this.uint();
    return length === UNSAFE || length > this.end - this.pos ? -1 : length | 0;
  }

  /** Enters a nested message and returns the end of the one around it, for `leave`. */
  enter(): number {
    const length = this.length();
    return this.enterFor(length);
  }

  /** The same when the length has been read. */
  enterFor(length: number): number {
    const outer = this.end;
    this.end = this.pos + length;
    return outer;
  }

  /** Leaves a nested message, which must have been read to its end and not beyond. */
  leave(outer: number): void {
    if (this.pos !== this.end) throw malformed("delimited length exceeded");
    this.end = outer;
  }

  /** A plain view of the bytes that follow, even when the buffer is a `Buffer`. */
  view(): Uint8Array {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return this.viewOf(start, length);
  }

  /** A plain view of `length` bytes from `start` on. */
  viewOf(start: number, length: number): Uint8Array {
    return new Uint8Array(this.buffer, this.byteOffset + start, length);
  }

  /** Skips the value of a field that is not known. */
  skip(key: number): void {
    this.#skip(key, 0);
  }

  #skip(key: number, depth: number): void {
    switch (key & 7) {
      case WIRE_VARINT:
        this.uint();
        return;
      case WIRE_FIXED64:
        this.#advance(8);
        return;
      case WIRE_BYTES:
        this.#advance(this.length());
        return;
      case WIRE_FIXED32:
        this.#advance(4);
        return;
      case WIRE_START_GROUP:
        this.#skipGroup(key, depth + 1);
        return;
      case WIRE_END_GROUP:
        throw malformed("unexpected end group tag");
      default:
        throw malformed(`invalid wire type value: ${key & 7}`);
    }
  }

  #skipGroup(start: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) throw malformed("recursion limit reached");
    for (;;) {
      if (this.pos >= this.end) throw malformed("buffer underflow");
      const key = this.key();
      if ((key & 7) === WIRE_END_GROUP) {
        if (key >>> 3 !== start >>> 3) throw malformed("unexpected end group tag");
        return;
      }
      this.#skip(key, depth);
    }
  }

  #advance(bytes: number): void {
    if (bytes > this.end - this.pos) throw malformed("buffer underflow");
    this.pos += bytes;
  }
}

/** Refuses a known field whose wire type is not the one it is declared with; skips an unknown one. */
export function skipUnknown(reader: ProtoReader, key: number, knownFields: number): void {
  const field = key >>> 3;
  if (field <= knownFields) throw malformed(`invalid wire type for field ${field}: ${key & 7}`);
  reader.skip(key);
}

export function malformed(why: string): CodecError {
  return new CodecError("bad_proto", `failed to decode Protobuf message: ${why}`);
}
