import { allocate } from "./arena.js";
import type { U64 } from "./u64.js";
import { varintLength, writeVarint } from "./varint.js";

/** One header: name and value. */
export type RawHeader = readonly [name: Uint8Array, value: Uint8Array];

/** The data of a record, as bytes. */
export interface RecordData {
  readonly headers: readonly RawHeader[];
  readonly body: Uint8Array;
}

const RECORD_TAG = 0x0a;
const SEQ_NUM_TAG = 0x08;
const TIMESTAMP_TAG = 0x10;
const HEADER_TAG = 0x1a;
const BODY_TAG = 0x22;
const NAME_TAG = 0x0a;
const VALUE_TAG = 0x12;

/**
 * Encodes records as they stand in a protobuf `ReadBatch`: this is the stored form, and what live and stored reads
 * send without touching it again.
 */
export function encodeRecords(
  records: readonly RecordData[],
  firstSeqNum: number,
  timestamps: readonly U64[],
): Uint8Array {
  const lastSeqNum = firstSeqNum + records.length - 1;
  const lastTimestamp = timestamps[timestamps.length - 1] as U64;
  // An upper bound: what numbers take at most, in every record.
  const overhead = 1 + 4 + 1 + varintLength(lastSeqNum) + 1 + varintLength(lastTimestamp);
  let bound = 0;
  for (const record of records) bound += overhead + dataLength(record);
  return allocate(bound, (bytes, start) => {
    let at = start;
    for (let index = 0; index < records.length; index += 1) {
      at = writeRecord(
        bytes,
        at,
        records[index] as RecordData,
        firstSeqNum + index,
        timestamps[index] as U64,
      );
    }
    return at;
  });
}

/** The headers and body of a record alone, in the same encoding: what gets encrypted. */
export function encodeRecordData(record: RecordData): Uint8Array {
  const bytes = new Uint8Array(dataLength(record));
  writeData(bytes, 0, record);
  return bytes;
}

function writeRecord(
  bytes: Uint8Array,
  start: number,
  record: RecordData,
  seqNum: number,
  timestamp: U64,
): number {
  const seqNumLength = seqNum === 0 ? 0 : 1 + varintLength(seqNum);
  const timestampLength = timestamp === 0 ? 0 : 1 + varintLength(timestamp);
  let at = start;
  bytes[at++] = RECORD_TAG;
  at = writeVarint(bytes, at, seqNumLength + timestampLength + dataLength(record));
  if (seqNum !== 0) {
    bytes[at++] = SEQ_NUM_TAG;
    at = writeVarint(bytes, at, seqNum);
  }
  if (timestamp !== 0) {
    bytes[at++] = TIMESTAMP_TAG;
    at = writeVarint(bytes, at, timestamp);
  }
  return writeData(bytes, at, record);
}

function writeData(bytes: Uint8Array, start: number, record: RecordData): number {
  let at = start;
  for (const [name, value] of record.headers) {
    bytes[at++] = HEADER_TAG;
    at = writeVarint(bytes, at, fieldLength(name) + fieldLength(value));
    at = writeField(bytes, at, NAME_TAG, name);
    at = writeField(bytes, at, VALUE_TAG, value);
  }
  return writeField(bytes, at, BODY_TAG, record.body);
}

function writeField(bytes: Uint8Array, start: number, tag: number, data: Uint8Array): number {
  if (data.length === 0) return start;
  bytes[start] = tag;
  const at = writeVarint(bytes, start + 1, data.length);
  bytes.set(data, at);
  return at + data.length;
}

function dataLength(record: RecordData): number {
  let length = fieldLength(record.body);
  for (const [name, value] of record.headers) {
    const inner = fieldLength(name) + fieldLength(value);
    length += 1 + varintLength(inner) + inner;
  }
  return length;
}

/** Tag, length and data of a bytes field; absent when empty, as proto3 has it. */
function fieldLength(data: Uint8Array): number {
  return data.length === 0 ? 0 : 1 + varintLength(data.length) + data.length;
}
