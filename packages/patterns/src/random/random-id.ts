/** Gives that many random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

/** One of 64 for each 6 bits: safe in URLs, headers and file names. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** A name that nobody else has: so many characters of letters, digits, `_` and `-`, with 6 random bits each. */
export function randomId(length: number, random: RandomBytes = systemRandom): string {
  let id = "";
  for (const byte of random(length)) id += ALPHABET[byte & 63];
  return id;
}

function systemRandom(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
}
