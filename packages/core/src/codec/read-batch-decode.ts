import { HEADER_METERED_OVERHEAD, RECORD_METERED_OVERHEAD } from "../model/limits.js";
import type { StreamPosition } from "../model/position.js";
import type {
  BytesHeaderList,
  BytesReadRecord,
  DecodedBatch,
  ReadFormat,
  ReadRecord,
  RecordFormat,
  StringHeaderList,
  StringHeaders,
  StringReadRecord,
} from "../model/record.js";
import { CodecError } from "./codec-error.js";
import { EMPTY_BYTES, NO_BYTES_HEADERS, NO_HEADER_LIST, NO_HEADERS, setHeader } from "./header-shapes.js";
import { readName } from "./name-cache.js";
import { TAG_SEQ_NUM, TAG_TIMESTAMP } from "./positions.js";
import { ProtoReader, skipUnknown, UNSAFE } from "./proto-reader.js";
import { protocolError, unsafeIntegerError } from "./protocol-error.js";
import { readText } from "./text.js";

const TAG_RECORDS = 0x0a;
const TAG_TAIL = 0x12;
const TAG_HEADERS = 0x1a;
const TAG_BODY = 0x22;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;

/**
 * Decodes a `ReadBatch`, in one pass, into the records that the user gets. Bytes are views on `payload`.
 * An integer beyond 2^53-1 ends the batch early: the records before it are given, and `failure` names it
 * (`UNSAFE_INTEGER`); timestamps of records and of the tail may saturate instead, see `ReadFormat`.
 * @throws S2Error `PROTOCOL_ERROR` when the payload is malformed.
 */
export function decodeReadBatch<F extends RecordFormat>(
  payload: Uint8Array,
  format: ReadFormat<F>,
): DecodedBatch<F> {
  const decoder = new BatchDecoder(payload, format.unsafeTimestamps === "saturate");
  try {
    return decoder.batch<F>(format.as === "bytes");
  } catch (error) {
    if (error instanceof CodecError)
      throw protocolError(`A read was answered with something else: ${error.message}`, error);
    throw error;
  }
}

class BatchDecoder {
  readonly reader: ProtoReader;
  readonly saturate: boolean;
  failure: Error | undefined = undefined;
  metered = 0;
  /** Of the header read last: where its name and value lie. */
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;

  constructor(payload: Uint8Array, saturate: boolean) {
    this.reader = new ProtoReader(payload);
    this.saturate = saturate;
  }

  batch<F extends RecordFormat>(bytes: boolean): DecodedBatch<F> {
    const { reader } = this;
    const records: ReadRecord<F>[] = [];
    let tail: StreamPosition | undefined;
    while (reader.pos < reader.end) {
      const key = reader.key();
      if (key === TAG_RECORDS) {
        const record = bytes ? this.bytesRecord() : this.stringRecord();
        if (record === undefined) break;
        records.push(record as ReadRecord<F>);
      } else if (key === TAG_TAIL) {
        tail = this.tail(tail);
        if (tail === undefined) break;
      } else skipUnknown(reader, key, 2);
    }
    return { records, tail, meteredBytes: this.metered, failure: this.failure };
  }

  /** The record that follows, or nothing with the reason in `failure`. */
  stringRecord(): StringReadRecord | undefined {
    const { reader } = this;
    const outer = reader.enter();
    let seqNum = 0;
    let timestamp = 0;
    let body = "";
    let headers: StringHeaders = NO_HEADERS;
    let headerList: StringHeaderList = NO_HEADER_LIST;
    let metered = RECORD_METERED_OVERHEAD;
    while (reader.pos < reader.end) {
      const key = reader.key();
      if (key === TAG_SEQ_NUM) seqNum = this.uint("seq_num", false);
      else if (key === TAG_TIMESTAMP) timestamp = this.uint("timestamp", this.saturate);
      else if (key === TAG_BODY) {
        const length = reader.length();
        const start = reader.pos;
        reader.pos = start + length;
        body = readText(reader.bytes, start, reader.pos);
        metered += length;
      } else if (key === TAG_HEADERS) {
        if (headerList === NO_HEADER_LIST) {
          headers = {};
          headerList = [];
        }
        metered += this.header();
        const name = readName(reader.bytes, this.nameStart, this.nameEnd);
        const value = readText(reader.bytes, this.valueStart, this.valueEnd);
        setHeader(headers, name, value);
        headerList.push([name, value]);
      } else skipUnknown(reader, key, 4);
    }
    reader.leave(outer);
    if (this.failure !== undefined) return undefined;
    this.metered += metered;
    return { seq_num: seqNum, timestamp, body, headers, headerList };
  }

  /** The record that follows, or nothing with the reason in `failure`. */
  bytesRecord(): BytesReadRecord | undefined {
    const { reader } = this;
    const outer = reader.enter();
    let seqNum = 0;
    let timestamp = 0;
    let body = EMPTY_BYTES;
    let headers: BytesHeaderList = NO_BYTES_HEADERS;
    let metered = RECORD_METERED_OVERHEAD;
    while (reader.pos < reader.end) {
      const key = reader.key();
      if (key === TAG_SEQ_NUM) seqNum = this.uint("seq_num", false);
      else if (key === TAG_TIMESTAMP) timestamp = this.uint("timestamp", this.saturate);
      else if (key === TAG_BODY) {
        body = reader.view();
        metered += body.length;
      } else if (key === TAG_HEADERS) {
        if (headers === NO_BYTES_HEADERS) headers = [];
        metered += this.header();
        headers.push([this.view(this.nameStart, this.nameEnd), this.view(this.valueStart, this.valueEnd)]);
      } else skipUnknown(reader, key, 4);
    }
    reader.leave(outer);
    if (this.failure !== undefined) return undefined;
    this.metered += metered;
    return { seq_num: seqNum, timestamp, body, headers, headerList: headers };
  }

  /** Notes where the header that follows has its name and value, and returns its metered size. */
  header(): number {
    const { reader } = this;
    const outer = reader.enter();
    this.nameStart = 0;
    this.nameEnd = 0;
    this.valueStart = 0;
    this.valueEnd = 0;
    while (reader.pos < reader.end) {
      const key = reader.key();
      if (key === TAG_NAME) {
        this.nameEnd = reader.length() + reader.pos;
        this.nameStart = reader.pos;
        reader.pos = this.nameEnd;
      } else if (key === TAG_VALUE) {
        this.valueEnd = reader.length() + reader.pos;
        this.valueStart = reader.pos;
        reader.pos = this.valueEnd;
      } else skipUnknown(reader, key, 2);
    }
    reader.leave(outer);
    return HEADER_METERED_OVERHEAD + this.nameEnd - this.nameStart + this.valueEnd - this.valueStart;
  }

  tail(before: StreamPosition | undefined): StreamPosition | undefined {
    const { reader } = this;
    const outer = reader.enter();
    let seqNum = before?.seq_num ?? 0;
    let timestamp = before?.timestamp ?? 0;
    while (reader.pos < reader.end) {
      const key = reader.key();
      if (key === TAG_SEQ_NUM) seqNum = this.uint("tail.seq_num", false);
      else if (key === TAG_TIMESTAMP) timestamp = this.uint("tail.timestamp", this.saturate);
      else skipUnknown(reader, key, 2);
    }
    reader.leave(outer);
    return this.failure === undefined ? { seq_num: seqNum, timestamp } : undefined;
  }

  /** An integer as a number. One beyond 2^53-1 saturates or fails the batch. */
  uint(what: string, saturate: boolean): number {
    const value = this.reader.uint();
    if (value !== UNSAFE) return value;
    if (!saturate) this.failure ??= unsafeIntegerError(what, this.reader.wide);
    return Number.MAX_SAFE_INTEGER;
  }

  view(start: number, end: number): Uint8Array {
    const { bytes } = this.reader;
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  }
}
