import { randomId } from "../random/random-id.js";

/** Characters of a writer id made here. */
export const WRITER_ID_LENGTH = 12;

/** A new writer id: 12 characters, 72 random bits. */
export function createWriterId(): string {
  return randomId(WRITER_ID_LENGTH);
}
