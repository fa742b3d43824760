const SLAB = 256 * 1024;
const SHARED_UP_TO = 16 * 1024;

let slab = new Uint8Array(0);
let used = 0;

/**
 * Gives bytes for one encoding of at most `bound` bytes: `write` gets a buffer and an offset and returns the offset
 * behind what it wrote. Small encodings share a slab, since a buffer of its own costs more than a short record; a slab
 * lives as long as anything in it.
 */
export function allocate(bound: number, write: (bytes: Uint8Array, start: number) => number): Uint8Array {
  if (bound > SHARED_UP_TO) {
    const bytes = new Uint8Array(bound);
    return bytes.subarray(0, write(bytes, 0));
  }
  if (used + bound > slab.length) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  const start = used;
  used = write(slab, start);
  return slab.subarray(start, used);
}
