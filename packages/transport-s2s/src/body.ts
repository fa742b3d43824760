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
    bytes() {
      const only = chunks[0];
      if (only !== undefined && chunks.length === 1) return only;
      const joined = new Uint8Array(length);
      let at = 0;
      for (const chunk of chunks) {
        joined.set(chunk, at);
        at += chunk.byteLength;
      }
      return joined;
    },
  };
}
