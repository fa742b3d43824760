import { invalidArgument, MAX_RECORD_BYTES, meteredBytes, type S2Error } from "@s2-dev/streamstore-core";
import { chunkBytes } from "../serialization/chunk.js";
import { numberRecords } from "../serialization/dedupe.js";
import { type FramedRecord, frameChunksToRecords } from "../serialization/frame.js";
import {
  DEDUPE_SEQ_HEADER_BYTES,
  FRAME_BYTES_HEADER_BYTES,
  FRAME_RECORDS_HEADER_BYTES,
  WRITER_ID_HEADER_BYTES,
} from "../serialization/header-names.js";
import { encodeU64 } from "../serialization/u64.js";

const ONE = /* @__PURE__ */ encodeU64(1);

/** A message whose value is bytes already. */
export interface EncodedMessage {
  readonly payload: Uint8Array;
  readonly headers: [Uint8Array, Uint8Array][];
  readonly timestamp: number | undefined;
}

/** Who numbers a message's records, and from which number on. */
export interface Numbering {
  readonly writer: Uint8Array;
  readonly seq: bigint;
}

/** The message as one record without a frame: its body is the payload, as any other reader expects it. */
export function plainRecord({ payload, headers, timestamp }: EncodedMessage): FramedRecord {
  const record: FramedRecord = { body: payload, headers };
  if (timestamp !== undefined) record.timestamp = timestamp;
  return record;
}

/** Whether a record alone can hold it. */
export function fitsRecord(record: FramedRecord): boolean {
  return meteredBytes(record) <= MAX_RECORD_BYTES;
}

/**
 * The message in as many records as it takes, framed and numbered, the first with the message's own headers. A reader
 * that knows only the frame reads the payload.
 * @throws S2Error `INVALID_ARGUMENT` when the headers leave no room for a byte of the payload.
 */
export function framedRecords(message: EncodedMessage, numbering: Numbering): FramedRecord[] {
  const { payload, timestamp } = message;
  const single = singleRecord(message, numbering);
  if (fitsRecord(single)) return [single];
  const room = MAX_RECORD_BYTES - (meteredBytes(single) - payload.length);
  if (room < 1) throw noRoom(message);
  const records = frameChunksToRecords(chunkBytes(payload, room));
  // Behind those of the frame, before those of the number.
  records[0]?.headers.push(...message.headers);
  if (timestamp !== undefined) for (const record of records) record.timestamp = timestamp;
  numberRecords(records, numbering.writer, numbering.seq);
  return records;
}

/** The same as one record, which may be too large: most messages are small, so it is made in one pass. */
function singleRecord(
  { payload, headers, timestamp }: EncodedMessage,
  { writer, seq }: Numbering,
): FramedRecord {
  const list: [Uint8Array, Uint8Array][] = [
    [FRAME_RECORDS_HEADER_BYTES, ONE],
    [FRAME_BYTES_HEADER_BYTES, encodeU64(payload.length)],
    ...headers,
    [DEDUPE_SEQ_HEADER_BYTES, encodeU64(seq)],
    [WRITER_ID_HEADER_BYTES, writer],
  ];
  const record: FramedRecord = { body: payload, headers: list };
  if (timestamp !== undefined) record.timestamp = timestamp;
  return record;
}

function noRoom({ headers }: EncodedMessage): S2Error {
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return invalidArgument(`the headers of a message must fit in one record (1 MiB); got ${bytes} bytes`);
}
