import { SharedMemory } from "./shared-memory.js";

const EMPTY = /* @__PURE__ */ new SharedMemory(/* @__PURE__ */ new Uint8Array(0));

/**
 * A buffer that is written from front to back, and again only when nobody holds anything in it, so that everything
 * cut from it stays as it is. What is being written can move to a larger slab until it is cut.
 */
export class Slab {
  memory: SharedMemory = EMPTY;
  bytes: Uint8Array = EMPTY.bytes;
  /** Where the piece being written begins. */
  start = 0;
  /** Where it ends so far. */
  pos = 0;

  /** A slab over memory that is known to suffice. */
  static over(bytes: Uint8Array): Slab {
    const slab = new Slab();
    slab.memory = new SharedMemory(bytes);
    slab.bytes = bytes;
    return slab;
  }

  /** Makes room for `size` more bytes; the piece may move, so keep offsets relative to `start`. */
  reserve(size: number): void {
    if (size > this.bytes.length - this.pos) this.#grow(size);
  }

  #grow(size: number): void {
    const written = this.pos - this.start;
    // Doubling bounds the copying when one batch outgrows slab after slab.
    const larger = SharedMemory.atLeast(Math.max(written * 2, written + size));
    larger.bytes.set(this.bytes.subarray(this.start, this.pos));
    this.memory.release();
    this.memory = larger;
    this.bytes = larger.bytes;
    this.start = 0;
    this.pos = written;
  }

  /** Ends the piece and gives it away, for good: this memory is never used again. */
  cut(): Uint8Array {
    this.memory.hold();
    const piece = new Uint8Array(
      this.bytes.buffer,
      this.bytes.byteOffset + this.start,
      this.pos - this.start,
    );
    this.keep();
    return piece;
  }

  /** Ends the piece where it is: what comes next is written behind it. */
  keep(): void {
    this.start = this.pos;
  }

  /** Forgets the piece being written. */
  discard(): void {
    this.pos = this.start;
  }

  /** Writes an unsigned integer of at most 53 bits; there must be room for 8 bytes. */
  varint(value: number): void {
    this.pos = writeVarint(this.bytes, this.pos, value);
  }

  /** Writes an unsigned 64-bit integer; there must be room for 10 bytes. */
  varint64(value: bigint): void {
    let rest = value;
    while (rest > 0x7fn) {
      this.bytes[this.pos++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.pos++] = Number(rest);
  }

  /** Copies bytes; there must be room for them. */
  copy(source: Uint8Array): void {
    this.bytes.set(source, this.pos);
    this.pos += source.length;
  }

  /**
   * Writes the length of what stands behind a space of `reserved` bytes at `start + at`, moving it when its length
   * takes another number of bytes than was guessed. Room for 4 more bytes is needed.
   */
  closeLength(at: number, reserved: number): void {
    const lengthAt = this.start + at;
    const contentAt = lengthAt + reserved;
    const length = this.pos - contentAt;
    const needed = varintSize(length);
    if (needed !== reserved) {
      this.bytes.copyWithin(lengthAt + needed, contentAt, this.pos);
      this.pos += needed - reserved;
    }
    writeVarint(this.bytes, lengthAt, length);
  }
}

/** Writes an unsigned integer of at most 53 bits and returns the position behind it. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let pos = at;
  let rest = value;
  if (rest > 0x7fff_ffff) {
    // Bit operations see 32 bits: the lower 28 go first, what remains then fits.
    bytes[pos++] = (rest & 0x7f) | 0x80;
    bytes[pos++] = ((rest >>> 7) & 0x7f) | 0x80;
    bytes[pos++] = ((rest >>> 14) & 0x7f) | 0x80;
    bytes[pos++] = ((rest >>> 21) & 0x7f) | 0x80;
    rest = Math.floor(rest / 0x1000_0000);
  }
  while (rest > 0x7f) {
    bytes[pos++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[pos++] = rest;
  return pos;
}

/** Bytes that an unsigned integer below 2^28 takes as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
}

/** Bytes that an unsigned integer of up to 64 bits takes as a varint. */
export function varint64Size(value: number | bigint): number {
  let size = 1;
  for (let rest = Number(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
