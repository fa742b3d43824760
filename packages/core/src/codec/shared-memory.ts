/** Enough for two batches of a hundred kilobytes; a batch that needs more gets a multiple of it. */
const UNIT_BYTES = 256 * 1024;
/** Most memory that waits for its next use. */
const MOST_FREE_BYTES = 4 * 1024 * 1024;

/** What nobody holds, the one used last at the end: it is the likeliest to be in a cache. */
const free: SharedMemory[] = [];
let freeBytes = 0;

/**
 * Memory that batches are encoded into, used again once nobody holds it. New memory for every few batches costs page
 * faults and cache misses: a sixth of an append of 100 B, a quarter of one of 1 kB.
 */
export class SharedMemory {
  readonly bytes: Uint8Array;
  #holds = 1;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** At least so much, with undefined contents, held once. */
  static atLeast(size: number): SharedMemory {
    const units = Math.max(1, Math.ceil(size / UNIT_BYTES)) * UNIT_BYTES;
    for (let index = free.length - 1; index >= 0; index -= 1) {
      const memory = free[index] as SharedMemory;
      if (memory.bytes.length !== units) continue;
      free.splice(index, 1);
      freeBytes -= units;
      memory.#holds = 1;
      return memory;
    }
    return new SharedMemory(allocate(units));
  }

  /** Somebody more may read it. Whoever does not let go of it keeps it from being used again, and does no other harm. */
  hold(): void {
    this.#holds += 1;
  }

  /** Exactly once for each hold. */
  release(): void {
    this.#holds -= 1;
    if (this.#holds !== 0 || this.bytes.length === 0) return;
    free.push(this);
    freeBytes += this.bytes.length;
    // What was used longest ago goes first, so that a size that nobody needs any more does not stay.
    while (freeBytes > MOST_FREE_BYTES) freeBytes -= (free.shift() as SharedMemory).bytes.length;
  }
}

/** The part of Node's `Buffer` used here: memory that nobody fills with zeros first. */
interface UnsafeAllocator {
  allocUnsafeSlow(size: number): Uint8Array;
}

const unsafe = (globalThis as { Buffer?: Partial<UnsafeAllocator> }).Buffer;

/** New memory with undefined contents. */
export function allocate(size: number): Uint8Array {
  if (typeof unsafe?.allocUnsafeSlow !== "function") return new Uint8Array(size);
  // A plain array: methods of `Buffer` copy where those of `Uint8Array` do not, and the reverse.
  const memory = unsafe.allocUnsafeSlow(size);
  return new Uint8Array(memory.buffer, memory.byteOffset, size);
}
