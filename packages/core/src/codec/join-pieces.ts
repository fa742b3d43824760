import { EMPTY_BYTES } from "../util/empty-bytes.js";

/** The pieces as one; a single one as it is. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length < 2) return pieces[0] ?? EMPTY_BYTES;
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
