import { invalidArgument, MAX_RECORD_BYTES, meteredBytes } from "@s2-dev/streamstore-core";
import { injectDedupeHeaders } from "./dedupe.js";
import { frameChunksToRecords } from "./frame.js";
import { WRITER_ID_LENGTH } from "./writer-id.js";

/**
 * Cuts data into pieces of `maxBytes`, by default `MAX_CHUNK_BODY_BYTES`, the last one shorter. The pieces are views on the
 * data, not copies. Empty data is one empty piece.
 * @throws S2Error `INVALID_ARGUMENT` unless `maxBytes` is an integer of at least 1.
 */
export function chunkBytes(data: Uint8Array, maxBytes: number = MAX_CHUNK_BODY_BYTES): Uint8Array[] {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw invalidArgument(`maxBytes of a chunk must be an integer of at least 1; got ${maxBytes}`);
  }
  if (data.length <= maxBytes) return [data];
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += maxBytes)
    chunks.push(data.subarray(start, start + maxBytes));
  return chunks;
}

/** The largest body, in bytes, that leaves room for all headers of a message's first record. */
export function maxChunkBodyBytes(writerId: string | undefined): number {
  const records = frameChunksToRecords([]);
  if (writerId !== undefined) injectDedupeHeaders(records, writerId, 0n);
  return records.reduce((left, record) => left - meteredBytes(record), MAX_RECORD_BYTES);
}

/** The largest body of a record in bytes, whether or not it carries dedupe headers with a writer id made here. */
export const MAX_CHUNK_BODY_BYTES: number = /* @__PURE__ */ maxChunkBodyBytes("x".repeat(WRITER_ID_LENGTH));
