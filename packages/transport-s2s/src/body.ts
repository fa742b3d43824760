import { joinPieces } from "@s2-dev/streamstore-core/wire";

/** A body that is collected chunk by chunk and joined once. */
export interface Body {
  /** False: the chunk would exceed the limit and was not kept. */
  push(chunk: Uint8Array): boolean;
  bytes(): Uint8Array;
}

export function createBody(maxLength: number): Body {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    push(chunk) {
      if (length + chunk.byteLength > maxLength) return false;
      length += chunk.byteLength;
      chunks.push(chunk);
      return true;
    },
    bytes: () => joinPieces(chunks),
  };
}
