import { readText } from "./text.js";

const SLOTS = 256;
const MAX_CACHED_BYTES = 32;

/**
 * Header names as text. The same few names come with every record, and making a string and a property key of one
 * costs more than comparing its bytes with those seen last. Holds at most 256 names of 32 bytes.
 */
const names: (string | undefined)[] = /* @__PURE__ */ Array.from({ length: SLOTS });

/** Reads the header name in `bytes` from `start` up to `end`. */
export function readName(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > MAX_CACHED_BYTES || length === 0) return readText(bytes, start, end);
  const first = bytes[start] as number;
  const middle = bytes[start + (length >>> 1)] as number;
  const last = bytes[end - 1] as number;
  const slot = (first * 31 + middle * 17 + last * 7 + length) % SLOTS;
  const seen = names[slot];
  if (seen !== undefined && isAsciiOf(seen, bytes, start, length)) return seen;
  const name = readText(bytes, start, end);
  names[slot] = name;
  return name;
}

/** Whether the bytes are the text and ASCII; names beyond ASCII are never found, and read anew. */
function isAsciiOf(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f || unit !== bytes[start + index]) return false;
  }
  return true;
}
