import type { RawHeader } from "./record-encoding.js";
import type { StoredBatch } from "./storage.js";
import type { U64 } from "./u64.js";
import { VarintReader } from "./varint.js";

const SEQ_NUM_TAG = 0x08;
const TIMESTAMP_TAG = 0x10;
const HEADER_TAG = 0x1a;
const NAME_TAG = 0x0a;
const EMPTY: Uint8Array = new Uint8Array(0);

/** Steps through encoded records. The fields of the current one are read when asked for. */
export class RecordCursor {
  readonly #reader: VarintReader;
  #end = 0;
  #timestamp: U64 = 0;
  #seqNum = 0;
  #dataStart = 0;

  constructor(readonly bytes: Uint8Array) {
    this.#reader = new VarintReader(bytes);
  }

  /** Offset of the current record, its tag included. */
  start = 0;

  /** Moves to the next record; false at the end. */
  next(): boolean {
    if (this.#end >= this.bytes.length) return false;
    this.start = this.#end;
    const reader = this.#reader;
    reader.offset = this.start + 1;
    const length = reader.small();
    this.#end = reader.offset + length;
    this.#seqNum = 0;
    this.#timestamp = 0;
    if (this.bytes[reader.offset] === SEQ_NUM_TAG && reader.offset < this.#end) {
      reader.offset += 1;
      this.#seqNum = Number(reader.u64());
    }
    if (this.bytes[reader.offset] === TIMESTAMP_TAG && reader.offset < this.#end) {
      reader.offset += 1;
      this.#timestamp = reader.u64();
    }
    this.#dataStart = reader.offset;
    return true;
  }

  /** Offset behind the current record. */
  get end(): number {
    return this.#end;
  }

  get seqNum(): number {
    return this.#seqNum;
  }

  get timestamp(): U64 {
    return this.#timestamp;
  }

  /** Headers and body, still encoded. */
  get data(): Uint8Array {
    return this.bytes.subarray(this.#dataStart, this.#end);
  }

  get headers(): RawHeader[] {
    return decodeData(this.bytes, this.#dataStart, this.#end).headers;
  }

  get body(): Uint8Array {
    return decodeData(this.bytes, this.#dataStart, this.#end).body;
  }

  /** Headers and body as views. */
  parts(): { headers: RawHeader[]; body: Uint8Array } {
    return decodeData(this.bytes, this.#dataStart, this.#end);
  }

  /** Metered size: 8, and 2 for each header, and all bytes of names, values and body. */
  get meteredBytes(): number {
    const { headers, body } = this.parts();
    let size = 8 + body.length;
    for (const [name, value] of headers) size += 2 + name.length + value.length;
    return size;
  }
}

/** Decodes what `encodeRecordData` wrote; the parts are views. */
export function decodeData(
  bytes: Uint8Array,
  start: number,
  end: number,
): { headers: RawHeader[]; body: Uint8Array } {
  const reader = new VarintReader(bytes, start);
  const headers: RawHeader[] = [];
  let body = EMPTY;
  while (reader.offset < end) {
    const tag = reader.bytes[reader.offset++];
    const length = reader.small();
    const from = reader.offset;
    reader.offset = from + length;
    if (tag === HEADER_TAG) headers.push(decodeHeader(bytes, from, reader.offset));
    else body = bytes.subarray(from, reader.offset);
  }
  return { headers, body };
}

function decodeHeader(bytes: Uint8Array, start: number, end: number): RawHeader {
  const reader = new VarintReader(bytes, start);
  let name = EMPTY;
  let value = EMPTY;
  while (reader.offset < end) {
    const tag = bytes[reader.offset++];
    const length = reader.small();
    const data = bytes.subarray(reader.offset, reader.offset + length);
    reader.offset += length;
    if (tag === NAME_TAG) name = data;
    else value = data;
  }
  return [name, value];
}

/** Sequence number of the batch's first record whose timestamp is at least this; there is one. */
export function firstSeqNumFrom(batch: StoredBatch, timestamp: U64): number {
  if (batch.firstTimestamp >= timestamp) return batch.firstSeqNum;
  const cursor = new RecordCursor(batch.bytes);
  while (cursor.next()) if (cursor.timestamp >= timestamp) return cursor.seqNum;
  return batch.firstSeqNum + batch.count;
}
