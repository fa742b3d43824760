import { S2Error } from "../error/s2-error.js";
import { type MeterableRecord, meteredBytes } from "../model/metering.js";
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
import { allocateForBase64, encodeBase64, writeBase64 } from "./base64.js";
import { CodecError } from "./codec-error.js";
import { NO_BYTES_HEADERS, NO_HEADER_LIST, NO_HEADERS, setHeader } from "./header-shapes.js";
import { isJsonObject, parseJsonExactly, positionFromJson, stringifyJson, unsignedFromJson } from "./json.js";
import { protocolError } from "./protocol-error.js";
import { readText } from "./text.js";
import type { WireReadBatch, WireRecord } from "./wire-types.js";

/** How record data is spelled in JSON: as text, or as base64 of the bytes. */
export type JsonFormat = "raw" | "base64";

/**
 * Decodes the JSON of a `ReadBatch`, raw for text and base64 for bytes, into the same records as `decodeReadBatch`
 * gives. `meteredBytes` of raw data is the size of the text received; where bytes that are not UTF-8 were replaced,
 * the stored records are smaller.
 * @throws S2Error `PROTOCOL_ERROR` when the text is malformed.
 */
export function readBatchFromJson<F extends RecordFormat>(
  text: string,
  format: ReadFormat<F>,
): DecodedBatch<F> {
  const { records, tail, failure } = readUnmeteredFromJson(text, format);
  return { records, tail, meteredBytes: meteredBytesOf(records), failure };
}

/** The metered size of records read: the sum over them. */
export function meteredBytesOf(records: readonly MeterableRecord[]): number {
  let total = 0;
  for (const record of records) total += meteredBytes(record);
  return total;
}

/** The same as `readBatchFromJson` without the metered size, which takes longer to count in text than all else here. */
export function readUnmeteredFromJson<F extends RecordFormat>(
  text: string,
  format: ReadFormat<F>,
): Omit<DecodedBatch<F>, "meteredBytes"> {
  try {
    return new JsonBatchDecoder<F>(text, format).decode();
  } catch (error) {
    if (error instanceof CodecError || error instanceof SyntaxError) {
      throw protocolError(`A read was answered with something else: ${error.message}`, error);
    }
    throw error;
  }
}

const NO_PAIRS: readonly (readonly unknown[])[] = [];

class JsonBatchDecoder<F extends RecordFormat> {
  readonly #text: string;
  readonly #format: ReadFormat<F>;
  /** Where all bytes of the batch go; the records get views. */
  #memory = EMPTY_BYTES;
  #buffer: ArrayBufferLike = EMPTY_BYTES.buffer;
  #used = 0;
  /** The batch with exact integers, made when the first one is not safe. */
  #exact: unknown;

  constructor(text: string, format: ReadFormat<F>) {
    this.#text = text;
    this.#format = format;
  }

  decode(): Omit<DecodedBatch<F>, "meteredBytes"> {
    const batch: unknown = JSON.parse(this.#text);
    if (!isJsonObject(batch) || !Array.isArray(batch.records))
      throw protocolError("A read was answered without records");
    const bytes = this.#format.as === "bytes";
    if (bytes) {
      this.#memory = allocateForBase64(this.#text.length);
      this.#buffer = this.#memory.buffer;
    }
    const records: ReadRecord<F>[] = [];
    let tail: StreamPosition | undefined;
    let failure: S2Error | undefined;
    try {
      for (let index = 0; index < batch.records.length; index += 1) {
        const record = this.#record(batch.records[index], index, bytes);
        records.push(record as ReadRecord<F>);
      }
      tail = this.#tail(batch.tail);
    } catch (error) {
      if (!(error instanceof S2Error && error.code === "UNSAFE_INTEGER")) throw error;
      failure = error;
    }
    return { records, tail, failure };
  }

  #record(record: unknown, index: number, bytes: boolean): StringReadRecord | BytesReadRecord {
    if (!isJsonObject(record)) throw protocolError("A record of a read is not an object");
    const seqNum = isSafe(record.seq_num) ? record.seq_num : this.#unsafe(index, "seq_num");
    const timestamp = isSafe(record.timestamp) ? record.timestamp : this.#unsafe(index, "timestamp");
    if (!bytes) {
      let headers: StringHeaders = NO_HEADERS;
      let headerList: StringHeaderList = NO_HEADER_LIST;
      const pairs = pairsOf(record.headers);
      if (pairs.length > 0) {
        headers = {};
        headerList = [];
        for (const pair of pairs) {
          const name = stringOf(pair[0]);
          const value = stringOf(pair[1]);
          setHeader(headers, name, value);
          headerList.push([name, value]);
        }
      }
      const body = record.body === undefined ? "" : stringOf(record.body);
      return { seq_num: seqNum, timestamp, body, headers, headerList };
    }
    const headers = this.#bytesHeaders(record.headers);
    const body = record.body === undefined ? EMPTY_BYTES : this.#bytes(record.body);
    return { seq_num: seqNum, timestamp, body, headers, headerList: headers };
  }

  #bytesHeaders(headers: unknown): BytesHeaderList {
    const pairs = pairsOf(headers);
    if (pairs.length === 0) return NO_BYTES_HEADERS;
    return pairs.map((pair): [Uint8Array, Uint8Array] => [this.#bytes(pair[0]), this.#bytes(pair[1])]);
  }

  #bytes(value: unknown): Uint8Array {
    const text = stringOf(value);
    if (text.length === 0) return EMPTY_BYTES;
    const written = writeBase64(this.#memory, text, this.#used);
    // Asking a typed array for its buffer costs as much as making the view.
    const view = new Uint8Array(this.#buffer, this.#memory.byteOffset + this.#used, written);
    this.#used += written;
    return view;
  }

  #tail(tail: unknown): StreamPosition | undefined {
    if (tail === undefined || tail === null) return undefined;
    if (isJsonObject(tail) && isSafe(tail.seq_num) && isSafe(tail.timestamp)) {
      return { seq_num: tail.seq_num, timestamp: tail.timestamp };
    }
    return positionFromJson(
      (this.#exactBatch() as { tail: unknown }).tail,
      "tail",
      this.#format.unsafeTimestamps,
    );
  }

  /** An integer that is not safe, looked up where its digits are. */
  #unsafe(index: number, field: "seq_num" | "timestamp"): number {
    const { records } = this.#exactBatch() as { records: Record<string, unknown>[] };
    const policy = field === "timestamp" ? this.#format.unsafeTimestamps : "error";
    return unsignedFromJson(records[index]?.[field], field, policy);
  }

  #exactBatch(): unknown {
    this.#exact ??= parseJsonExactly(this.#text);
    return this.#exact;
  }
}

function isSafe(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function stringOf(value: unknown): string {
  if (typeof value !== "string") throw protocolError("Data of a record is not a string");
  return value;
}

/** The headers of a record; none when there is no such member. */
function pairsOf(headers: unknown): readonly (readonly unknown[])[] {
  if (headers === undefined) return NO_PAIRS;
  if (!Array.isArray(headers) || !headers.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw protocolError("Headers of a record are not pairs");
  }
  return headers;
}

/** The JSON of a `ReadBatch` as a server sends it: no `headers` when there are none, no `body` when it is empty. */
export function readBatchToJson(batch: WireReadBatch, format: JsonFormat): string {
  const spell = format === "base64" ? encodeBase64 : (bytes: Uint8Array) => readText(bytes, 0, bytes.length);
  const records = batch.records.map((record) => recordToJson(record, spell));
  const tail = batch.tail === undefined ? "" : `,"tail":${stringifyJson(batch.tail)}`;
  return `{"records":[${records.join(",")}]${tail}}`;
}

function recordToJson(record: WireRecord, spell: (bytes: Uint8Array) => string): string {
  let json = `{"seq_num":${record.seq_num},"timestamp":${record.timestamp}`;
  if (record.headers.length > 0) {
    json += `,"headers":${JSON.stringify(record.headers.map(([name, value]) => [spell(name), spell(value)]))}`;
  }
  if (record.body.length > 0) json += `,"body":${JSON.stringify(spell(record.body))}`;
  return `${json}}`;
}
