import { COMPRESSION_THRESHOLD_BYTES } from "@s2-dev/streamstore-core/wire";
import type { Compressor } from "./compression.js";

/** Of the body of an answer that refuses a link no more is kept than this: an error of the service is far shorter. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** A body as it will be sent. */
export interface EncodedBody {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Compresses a body that is worth it. */
export async function encodeBody(body: Uint8Array, compressor: Compressor): Promise<EncodedBody> {
  if (!isWorthCompressing(body, compressor)) return { body, headers: {} };
  return { body: await compressor.compress(body), headers: { "content-encoding": compressor.name } };
}

export function isWorthCompressing(
  body: Uint8Array,
  compressor: Compressor | undefined,
): compressor is Compressor {
  return compressor !== undefined && body.byteLength >= COMPRESSION_THRESHOLD_BYTES;
}

/** Names come in lower case from every `Headers`. */
export function headersOf(response: Response): Record<string, string> {
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return headers;
}

/** The beginning of an error's body, as far as it came: the status has decided already. */
export async function readErrorBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined && length < MAX_ERROR_BODY_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.byteLength;
    }
  } catch {
    // A cut body explains less.
  }
  reader?.cancel().catch(() => {});
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}
