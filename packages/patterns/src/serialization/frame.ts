import type { AppendRecordForFormat } from "@s2-dev/streamstore-core";
import { FRAME_BYTES_HEADER_BYTES, FRAME_RECORDS_HEADER_BYTES } from "./header-names.js";
import { encodeU64 } from "./u64.js";

/** What a frame says of its message. */
export interface FrameMeta {
  /** Size of the message in bytes. */
  readonly bytes: number;
  /** Records that the message takes. */
  readonly records: number;
}

/** A record of a framed message, before it is appended. */
export interface FramedRecord extends AppendRecordForFormat<"bytes"> {
  /** The part of the message that is in this record. */
  body: Uint8Array;
  /** How it belongs to its message, as pairs of bytes. */
  headers: [Uint8Array, Uint8Array][];
}

/**
 * The records of one message: a record for each chunk, the first with the frame headers.
 * A message without chunks becomes one empty record, and is read back as an empty message.
 */
export function frameChunksToRecords(chunks: readonly Uint8Array[]): FramedRecord[] {
  const bodies = chunks.length === 0 ? [new Uint8Array(0)] : chunks;
  const records = bodies.map((body): FramedRecord => ({ body, headers: [] }));
  let bytes = 0;
  for (const body of bodies) bytes += body.length;
  records[0]?.headers.push(
    [FRAME_RECORDS_HEADER_BYTES, encodeU64(bodies.length)],
    [FRAME_BYTES_HEADER_BYTES, encodeU64(bytes)],
  );
  return records;
}
