import { customRandom, urlAlphabet } from "nanoid";

/** Characters of a writer id made here. */
export const WRITER_ID_LENGTH = 12;

/** Gives that many random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

/** A new writer id: 12 characters of nanoid's alphabet, 72 random bits. */
export function createWriterId(random: RandomBytes = systemRandom): string {
  return customRandom(urlAlphabet, WRITER_ID_LENGTH, random)();
}

function systemRandom(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
}
