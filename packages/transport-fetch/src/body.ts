import { COMPRESSION_THRESHOLD_BYTES, joinPieces } from "@s2-dev/streamstore-core/client";
import type { Compressor } from "./compression.js";

/** Of the body of an answer that refuses a link no more is kept than this: an error of the service is far shorter. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** A body as it will be sent. */
export interface EncodedBody {
  readonly body: Uint8Array;
  readonly extra: Readonly<Record<string, string>>;
}

/** Compresses a body. */
export async function encodeBody(body: Uint8Array, compressor: Compressor): Promise<EncodedBody> {
  return { body: await compressor.compress(body), extra: { "content-encoding": compressor.name } };
}

export function isWorthCompressing(
  body: Uint8Array | undefined,
  compressor: Compressor | undefined,
): compressor is Compressor {
  return body !== undefined && compressor !== undefined && body.byteLength >= COMPRESSION_THRESHOLD_BYTES;
}

/** A body that is collected chunk by chunk. */
export interface Body {
  readonly length: number;
  push(chunk: Uint8Array): void;
  bytes(): Uint8Array;
}

export function createBody(): Body {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(chunk) {
      chunks.push(chunk);
      length += chunk.byteLength;
    },
    bytes: () => joinPieces(chunks),
  };
}
