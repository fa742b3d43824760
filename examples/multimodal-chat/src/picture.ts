/** Bytes that look like a picture to whoever transports them: noise over a gradient, always the same for a seed. */
export function pictureOf(seed: number, size: number): Uint8Array {
  const picture = new Uint8Array(size);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < size; at += 1) {
    // Marsaglia's xorshift.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    picture[at] = ((state >>> 24) & 31) + (at >>> 15);
  }
  return picture;
}
