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
import { EMPTY_BYTES } from "../util/empty-bytes.js";
import { objectList } from "../util/object-list.js";
import { CodecError } from "./codec-error.js";
import { NO_BYTES_HEADERS, NO_HEADER_LIST, NO_HEADERS, setHeader } from "./header-shapes.js";
import { readName } from "./name-cache.js";
import { PieceCursor } from "./pieces.js";
import { TAG_SEQ_NUM, TAG_TIMESTAMP } from "./positions.js";
import { malformed, ProtoReader, skipUnknown, UNSAFE } from "./proto-reader.js";
import { protocolError, unsafeIntegerError } from "./protocol-error.js";
import { readText } from "./text.js";
import { readUsualBytes, readUsualStrings } from "./usual-records.js";

const TAG_RECORDS = 0x0a;
const TAG_TAIL = 0x12;
const TAG_HEADERS = 0x1a;
const TAG_BODY = 0x22;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;

/** Bytes that the key and the length of a field take, at most. */
const MAX_FIELD_HEAD = 20;

/**
 * Decodes a `ReadBatch`, in one pass, into the records that the user gets. Bytes are views on `payload`, which may come
 * in pieces; only a record cut by the end of one is copied.
 * An integer beyond 2^53-1 ends the batch early: the records before it are given, and `failure` names it
 * (`UNSAFE_INTEGER`); timestamps of records and of the tail may saturate instead, see `ReadFormat`.
 * @throws S2Error `PROTOCOL_ERROR` when the payload is malformed.
 */
export function decodeReadBatch<F extends RecordFormat>(
  payload: Uint8Array | readonly Uint8Array[],
  format: ReadFormat<F>,
): DecodedBatch<F> {
  shared ??= new BatchDecoder();
  try {
    return shared.decode("buffer" in payload ? [payload] : payload, format) as DecodedBatch<F>;
  } catch (error) {
    if (error instanceof CodecError)
      throw protocolError(`A read was answered with something else: ${error.message}`, error);
    throw error;
  } finally {
    shared.letGo();
  }
}

/** One for all, as nothing else runs while a batch is decoded: making one takes longer than decoding a record. */
let shared: BatchDecoder | undefined;

class BatchDecoder {
  readonly reader = new ProtoReader(EMPTY_BYTES);
  bytes = false;
  saturate = false;
  records = objectList<ReadRecord<RecordFormat>>();
  position: StreamPosition | undefined = undefined;
  failure: Error | undefined = undefined;
  metered = 0;
  /** Whether the next record may have no headers, as the one before. */
  isUsual = true;
  /** Of the header read last: where its name and value lie. */
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  valueEnd = 0;

  decode(pieces: readonly Uint8Array[], format: ReadFormat<RecordFormat>): DecodedBatch<RecordFormat> {
    this.bytes = format.as === "bytes";
    this.saturate = format.unsafeTimestamps === "saturate";
    if (pieces.length === 1) {
      this.reader.moveTo(pieces[0] as Uint8Array, 0);
      this.fields(true);
    } else this.pieces(pieces);
    return {
      records: this.records,
      tail: this.position,
      meteredBytes: this.metered,
      failure: this.failure,
    };
  }

  /** What was decoded is the caller's alone, and the next batch begins anew. */
  letGo(): void {
    this.records = objectList();
    this.position = undefined;
    this.failure = undefined;
    this.metered = 0;
    this.isUsual = true;
    this.reader.moveTo(EMPTY_BYTES, 0);
  }

  pieces(pieces: readonly Uint8Array[]): void {
    const { reader } = this;
    const cursor = new PieceCursor(pieces);
    while (cursor.left > 0 && this.failure === undefined) {
      reader.moveTo(cursor.piece, cursor.at);
      this.fields(cursor.isLast);
      const { pos } = reader;
      cursor.moveTo(pos);
      if (pos === reader.end || this.failure !== undefined) continue;
      reader.moveTo(takeField(cursor), 0);
      this.fields(true);
    }
  }

  /** Reads the fields of the batch up to the end, or, unless that is the batch's own, to a field that is cut by it. */
  fields(isLast: boolean): void {
    const { reader } = this;
    const { end } = reader;
    const whole = isLast ? end : end - MAX_FIELD_HEAD;
    while (reader.pos < whole) {
      if (this.isUsual) {
        this.metered += this.bytes
          ? readUsualBytes(reader, this.records as BytesReadRecord[])
          : readUsualStrings(reader, this.records as StringReadRecord[]);
      }
      const start = reader.pos;
      if (start >= whole) return;
      const key = reader.key();
      if (key !== TAG_RECORDS && key !== TAG_TAIL) {
        if (!isLast) {
          reader.pos = start;
          return;
        }
        skipUnknown(reader, key, 2);
        continue;
      }
      const length = reader.lengthWithin();
      if (length < 0) {
        if (isLast) throw malformed("buffer underflow");
        reader.pos = start;
        return;
      }
      if (key === TAG_TAIL) this.position = this.tail(length, this.position);
      else {
        const record = this.bytes ? this.bytesRecord(length) : this.stringRecord(length);
        if (record !== undefined) this.records.push(record);
      }
      if (this.failure !== undefined) return;
    }
  }

  /** The record that follows, or nothing with the reason in `failure`. */
  stringRecord(length: number): StringReadRecord | undefined {
    const { reader } = this;
    const outer = reader.enterFor(length);
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
        const size = reader.length();
        const start = reader.pos;
        reader.pos = start + size;
        body = readText(reader.bytes, start, reader.pos);
        metered += size;
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
    this.isUsual = headerList === NO_HEADER_LIST;
    return { seq_num: seqNum, timestamp, body, headers, headerList };
  }

  /** The record that follows, or nothing with the reason in `failure`. */
  bytesRecord(length: number): BytesReadRecord | undefined {
    const { reader } = this;
    const outer = reader.enterFor(length);
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
    this.isUsual = headers === NO_BYTES_HEADERS;
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

  tail(length: number, before: StreamPosition | undefined): StreamPosition | undefined {
    const { reader } = this;
    const outer = reader.enterFor(length);
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
    return this.reader.viewOf(start, end - start);
  }
}

/** The next field, which is cut by the end of its piece, in one; when it is none that is known, all that is left. */
function takeField(cursor: PieceCursor): Uint8Array {
  const head = new ProtoReader(cursor.peek(MAX_FIELD_HEAD));
  const key = head.key();
  const length = key === TAG_RECORDS || key === TAG_TAIL ? head.uint() : UNSAFE;
  const size = length === UNSAFE ? cursor.left : Math.min(head.pos + length, cursor.left);
  return cursor.take(size);
}
