import { utf8ByteLength } from "@s2-dev/streamstore-core";

/** A character outside of the basic plane takes four bytes, as two units; every other unit takes at most three. */
const BYTES_PER_UNIT = 3;

/** The text in pieces of at most so many bytes of UTF-8, none of which ends within a character. */
export function splitText(text: string, maxBytes: number): string[] {
  if (text.length * BYTES_PER_UNIT <= maxBytes || utf8ByteLength(text) <= maxBytes) return [text];
  const units = Math.floor(maxBytes / BYTES_PER_UNIT);
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + units, text.length);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
