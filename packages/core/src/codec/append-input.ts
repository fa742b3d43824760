import { invalidArgument, s2ErrorFromUnknown, show } from "../error/make.js";
import { checkFencingToken } from "../model/fencing-token.js";
import {
  FRAME_HEAD_BYTES,
  HEADER_METERED_OVERHEAD,
  MAX_BATCH_BYTES,
  MAX_FENCING_TOKEN_BYTES,
  MAX_FRAME_PAYLOAD,
  MAX_RECORD_BYTES,
  MAX_U64,
  RECORD_METERED_OVERHEAD,
} from "../model/limits.js";
import type { AppendHeadersInput, AppendRecordInput, EncodedBatch } from "../model/record.js";
import { BATCH_FIELDS, checkOddRecord, checkOptionNames, type MisplacedConditions } from "../model/shapes.js";
import { checkCommand } from "./append-command.js";
import {
  checkHeaderObject,
  checkPart,
  checkRecordCount,
  recordTooLarge,
  tooManyBytes,
} from "./append-input-checks.js";
import { writeFrameHead } from "./frame-head.js";
import { Slab, varintSize } from "./slab.js";
import { SlabBatch } from "./slab-batch.js";
import { writeText } from "./text.js";

/** What an append may demand of the stream. Zero and the empty token are values; `null` is none. */
export interface AppendConditions {
  /** The sequence number that the first record must get. */
  readonly match_seq_num?: number | null | undefined;
  /** The stream's fencing token, at most 36 bytes; empty asserts that there is none. */
  readonly fencing_token?: string | null | undefined;
}

const TAG_RECORDS = 0x0a;
const TAG_MATCH_SEQ_NUM = 0x10;
const TAG_FENCING_TOKEN = 0x1a;
const TAG_TIMESTAMP = 0x08;
const TAG_HEADERS = 0x12;
const TAG_BODY = 0x1a;
const TAG_NAME = 0x0a;
const TAG_VALUE = 0x12;

/** Bytes of a name and a value whose lengths, and that of both with their tags, take one byte each. */
const SHORT_HEADER = 0x7f - 4;

/** Tags, lengths and timestamp of one record or header, at most, with room to move a length. */
const FIELD_MARGIN = 48;
/** The same of an ordinary record without headers. */
const RECORD_MARGIN = 16;

/** The encoder that is not at work. It is absent while it is, so a getter on a record may append too. */
let idle: BatchEncoder | undefined;

/**
 * Validates a batch and encodes it as `AppendInput` behind the four bytes of a frame head, in one pass.
 * Neither the records nor their bytes are kept.
 * @throws S2Error `INVALID_ARGUMENT`, naming the field, its index, the value and the limit, or with what a getter of the
 * records threw as its `cause`; nothing was sent.
 * @see https://s2.dev/docs/limits
 */
export function encodeAppendBatch(
  records: readonly AppendRecordInput[],
  conditions?: AppendConditions,
): EncodedBatch {
  const encoder = idle ?? new BatchEncoder();
  idle = undefined;
  try {
    return encoder.encode(records, conditions);
  } catch (thrown) {
    // A getter or a proxy of the caller's.
    throw s2ErrorFromUnknown(thrown, "records could not be read", "INVALID_ARGUMENT");
  } finally {
    encoder.reset();
    idle = encoder;
  }
}

class BatchEncoder {
  readonly #slab = new Slab();
  /** Metered bytes of the record being written. */
  #metered = 0;
  #headers = 0;
  #unnamedHeaders = 0;
  /** Encoded bytes of the previous record's headers: the best guess for the next one's. */
  #headerBytesGuess = 0;

  encode(records: readonly AppendRecordInput[], conditions: AppendConditions | undefined): EncodedBatch {
    checkRecordCount(records);
    const slab = this.#slab;
    slab.reserve(FRAME_HEAD_BYTES);
    slab.pos += FRAME_HEAD_BYTES;
    let metered = 0;
    for (let index = 0; index < records.length; index += 1) {
      metered += this.#record(records[index] as AppendRecordInput, index, records.length);
      if (metered > MAX_BATCH_BYTES) throw tooManyBytes(metered, index);
    }
    const conditional = conditions !== undefined && this.#conditions(conditions);
    const payload = slab.pos - slab.start - FRAME_HEAD_BYTES;
    if (payload > MAX_FRAME_PAYLOAD) {
      throw invalidArgument(`the batch takes ${payload} bytes encoded; the limit is ${MAX_FRAME_PAYLOAD}`);
    }
    writeFrameHead(slab.bytes, slab.start, payload);
    slab.memory.hold();
    const batch = new SlabBatch(slab.memory, slab.start, slab.pos, records.length, metered, conditional);
    slab.keep();
    return batch;
  }

  reset(): void {
    this.#slab.discard();
  }

  /** Writes one record and returns its metered size. */
  #record(record: AppendRecordInput, index: number, count: number): number {
    if (typeof record !== "object" || record === null) {
      throw invalidArgument(`records[${index}] must be an object, not ${show(record)}`);
    }
    // Each property is read once, so that what was checked is what is sent. A call that looks for conditions would not be
    // inlined with all their names: a batch of records of 100 bytes would cost 9 % more.
    const { body, headers, timestamp, match_seq_num, fencing_token, matchSeqNum, fencingToken } =
      record as AppendRecordInput & MisplacedConditions;
    if (
      (body === undefined && headers === undefined && timestamp === undefined) ||
      (match_seq_num ?? fencing_token ?? matchSeqNum ?? fencingToken ?? undefined) !== undefined
    ) {
      checkOddRecord(record, `records[${index}]`);
    }
    const bodyLength = body === undefined ? 0 : checkPart(body, "body", index);
    const slab = this.#slab;
    const room = (typeof body === "string" ? bodyLength * 3 : bodyLength) + FIELD_MARGIN;
    // The first record is a fair guess at the others: one slab from the start spares moving half a batch.
    const guess = index === 0 ? Math.min((bodyLength + RECORD_MARGIN) * count, MAX_BATCH_BYTES) : 0;
    slab.reserve(Math.max(room, guess));
    this.#metered = RECORD_METERED_OVERHEAD;
    slab.bytes[slab.pos++] = TAG_RECORDS;
    const at = slab.pos - slab.start;
    const reserved = varintSize(
      (bodyLength === 0 ? 0 : 1 + varintSize(bodyLength) + bodyLength) +
        (timestamp === undefined ? 0 : 7) +
        (headers === undefined ? 0 : this.#headerBytesGuess),
    );
    slab.pos += reserved;
    if (timestamp !== undefined && timestamp !== null) this.#timestamp(timestamp, index);
    if (headers !== undefined) this.#writeHeaders(headers, body, index);
    if (bodyLength !== 0) {
      if (headers !== undefined) slab.reserve(room);
      this.#metered += this.#field(TAG_BODY, body as string | Uint8Array, bodyLength);
    }
    slab.closeLength(at, reserved);
    if (this.#metered > MAX_RECORD_BYTES) throw recordTooLarge(index, this.#metered);
    return this.#metered;
  }

  #timestamp(timestamp: number | bigint, index: number): void {
    const slab = this.#slab;
    slab.bytes[slab.pos++] = TAG_TIMESTAMP;
    if (typeof timestamp === "number" && Number.isSafeInteger(timestamp) && timestamp >= 0) {
      slab.varint(timestamp);
      return;
    }
    if (typeof timestamp !== "bigint" || timestamp < 0n || timestamp > MAX_U64) {
      throw invalidArgument(
        `records[${index}].timestamp must be a safe non-negative integer or an unsigned 64-bit bigint, not ${show(timestamp)}`,
      );
    }
    slab.varint64(timestamp);
  }

  #writeHeaders(headers: AppendHeadersInput, body: string | Uint8Array | undefined, index: number): void {
    const before = this.#slab.pos - this.#slab.start;
    this.#headers = 0;
    this.#unnamedHeaders = 0;
    if (isPairs(headers)) {
      for (let place = 0; place < headers.length; place += 1) {
        const pair = headers[place];
        if (!Array.isArray(pair) || pair.length !== 2) {
          throw invalidArgument(
            `records[${index}].headers[${place}] must be a pair [name, value], not ${show(pair)}`,
          );
        }
        this.#header(pair[0], pair[1], index);
      }
    } else {
      checkHeaderObject(headers, index);
      for (const name in headers) {
        if (Object.hasOwn(headers, name)) this.#header(name, headers[name] as string | Uint8Array, index);
      }
    }
    if (this.#unnamedHeaders > 0) checkCommand(headers, body, index);
    this.#headerBytesGuess = this.#slab.pos - this.#slab.start - before;
  }

  #header(name: string | Uint8Array, value: string | Uint8Array, index: number): void {
    const nameLength = checkPart(name, "name", index, this.#headers);
    const valueLength = checkPart(value, "value", index, this.#headers);
    this.#headers += 1;
    if (nameLength === 0) this.#unnamedHeaders += 1;
    const slab = this.#slab;
    const length = nameLength + valueLength;
    slab.reserve(length * 3 + FIELD_MARGIN);
    if (
      length <= SHORT_HEADER &&
      nameLength * valueLength !== 0 &&
      typeof name !== "string" &&
      typeof value !== "string"
    ) {
      slab.pos = writeShortHeader(slab.bytes, slab.pos, name, nameLength, value, valueLength);
      return this.#addMetered(HEADER_METERED_OVERHEAD + length, index);
    }
    slab.bytes[slab.pos++] = TAG_HEADERS;
    const at = slab.pos - slab.start;
    const reserved = varintSize(
      (nameLength === 0 ? 0 : 1 + varintSize(nameLength) + nameLength) +
        (valueLength === 0 ? 0 : 1 + varintSize(valueLength) + valueLength),
    );
    slab.pos += reserved;
    let metered = HEADER_METERED_OVERHEAD;
    if (nameLength !== 0) metered += this.#field(TAG_NAME, name, nameLength);
    if (valueLength !== 0) metered += this.#field(TAG_VALUE, value, valueLength);
    slab.closeLength(at, reserved);
    this.#addMetered(metered, index);
  }

  #addMetered(bytes: number, index: number): void {
    this.#metered += bytes;
    if (this.#metered > MAX_RECORD_BYTES) throw recordTooLarge(index, this.#metered);
  }

  /** Writes a field of text or bytes that is not empty and returns how long its content is as bytes. */
  #field(tag: number, data: string | Uint8Array, length: number): number {
    const slab = this.#slab;
    slab.bytes[slab.pos++] = tag;
    if (typeof data !== "string") {
      slab.varint(length);
      slab.copy(data);
      return length;
    }
    const at = slab.pos - slab.start;
    // Exact for ASCII; `closeLength` corrects it otherwise.
    const reserved = varintSize(length);
    slab.pos += reserved;
    const written = writeText(slab.bytes, data, slab.pos);
    slab.pos += written;
    slab.closeLength(at, reserved);
    return written;
  }

  /** Writes the conditions and says whether there is one that a second copy of the batch could not meet. */
  #conditions(conditions: AppendConditions): boolean {
    checkOptionNames(conditions, "the conditions of an append", BATCH_FIELDS);
    const matchSeqNum = conditions.match_seq_num ?? undefined;
    const fencingToken = conditions.fencing_token ?? undefined;
    const slab = this.#slab;
    slab.reserve(FIELD_MARGIN + MAX_FENCING_TOKEN_BYTES * 3);
    if (matchSeqNum !== undefined) {
      if (!Number.isSafeInteger(matchSeqNum) || matchSeqNum < 0) {
        throw invalidArgument(`match_seq_num must be a safe non-negative integer, not ${show(matchSeqNum)}`);
      }
      slab.bytes[slab.pos++] = TAG_MATCH_SEQ_NUM;
      slab.varint(matchSeqNum);
    }
    if (fencingToken !== undefined) {
      checkFencingToken(fencingToken);
      this.#field(TAG_FENCING_TOKEN, fencingToken, fencingToken.length);
    }
    return matchSeqNum !== undefined;
  }
}

/** A header of bytes, all lengths known beforehand and short: appends with two of them cost 17 % less so. */
function writeShortHeader(
  bytes: Uint8Array,
  at: number,
  name: Uint8Array,
  nameLength: number,
  value: Uint8Array,
  valueLength: number,
): number {
  const nameEnd = at + 4 + nameLength;
  bytes[at] = TAG_HEADERS;
  bytes[at + 1] = nameLength + valueLength + 4;
  bytes[at + 2] = TAG_NAME;
  bytes[at + 3] = nameLength;
  bytes.set(name, at + 4);
  bytes[nameEnd] = TAG_VALUE;
  bytes[nameEnd + 1] = valueLength;
  bytes.set(value, nameEnd + 2);
  return nameEnd + 2 + valueLength;
}

function isPairs(
  headers: AppendHeadersInput,
): headers is readonly (readonly [string | Uint8Array, string | Uint8Array])[] {
  return Array.isArray(headers);
}
