import { FRAME_HEAD_BYTES } from "../model/limits.js";
import { writeFrameHead } from "./frame-head.js";
import { MAX_POSITION_BYTES, positionSize, writePosition, writePositionFields } from "./positions.js";
import { allocate } from "./shared-memory.js";
import { Slab, varintSize } from "./slab.js";
import type { WireHeader, WireReadBatch, WireRecord } from "./wire-types.js";

const TAG_RECORDS = 0x0a;
const TAG_TAIL = 0x12;
const TAG_HEADERS = 0x1a;
const TAG_BODY = 0x22;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;

/** Encodes a `ReadBatch` as a server sends it, into one buffer of its exact size. */
export function encodeReadBatch(batch: WireReadBatch): Uint8Array {
  return writeBatch(batch, 0);
}

/** The same as a whole session frame. */
export function encodeReadBatchFrame(batch: WireReadBatch): Uint8Array {
  const frame = writeBatch(batch, FRAME_HEAD_BYTES);
  writeFrameHead(frame, 0, frame.length - FRAME_HEAD_BYTES);
  return frame;
}

function writeBatch(batch: WireReadBatch, headBytes: number): Uint8Array {
  const { records, tail } = batch;
  let size = headBytes + (tail === undefined ? 0 : MAX_POSITION_BYTES);
  for (const record of records) size += recordSize(record) + 5;
  const slab = Slab.over(allocate(size));
  slab.pos = headBytes;
  for (const record of records) writeRecord(slab, record);
  if (tail !== undefined) writePosition(slab, TAG_TAIL, tail);
  return slab.cut();
}

function writeRecord(slab: Slab, record: WireRecord): void {
  slab.bytes[slab.pos++] = TAG_RECORDS;
  slab.varint(recordSize(record));
  writePositionFields(slab, record);
  for (const header of record.headers) {
    slab.bytes[slab.pos++] = TAG_HEADERS;
    slab.varint(headerSize(header));
    writeBytes(slab, TAG_NAME, header[0]);
    writeBytes(slab, TAG_VALUE, header[1]);
  }
  writeBytes(slab, TAG_BODY, record.body);
}

function writeBytes(slab: Slab, tag: number, data: Uint8Array): void {
  if (data.length === 0) return;
  slab.bytes[slab.pos++] = tag;
  slab.varint(data.length);
  slab.copy(data);
}

function recordSize(record: WireRecord): number {
  let size = positionSize(record) + bytesSize(record.body);
  for (const header of record.headers) {
    const inner = headerSize(header);
    size += 1 + varintSize(inner) + inner;
  }
  return size;
}

function headerSize(header: WireHeader): number {
  return bytesSize(header[0]) + bytesSize(header[1]);
}

function bytesSize(data: Uint8Array): number {
  return data.length === 0 ? 0 : 1 + varintSize(data.length) + data.length;
}
