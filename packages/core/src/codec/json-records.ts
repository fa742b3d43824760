import { S2Error } from "../error/s2-error.js";
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
import { utf8ByteLength } from "../model/utf8.js";
import { allocateForBase64, encodeBase64, writeBase64 } from "./base64.js";
import { CodecError } from "./codec-error.js";
import { EMPTY_BYTES, NO_BYTES_HEADERS, NO_HEADER_LIST, NO_HEADERS, setHeader } from "./header-shapes.js";
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
  try {
    return new JsonBatchDecoder<F>(text, format).decode();
  } catch (error) {
    if (error instanceof CodecError || error instanceof SyntaxError) {
      throw protocolError(`A read was answered with something else: ${error.message}`, error);
    }
    throw error;
  }
}

class JsonBatchDecoder<F extends RecordFormat> {
  readonly #text: string;
  readonly #format: ReadFormat<F>;
  /** Where all bytes of the batch go; the records get views. */
  #memory = EMPTY_BYTES;
  #used = 0;
  #metered = 0;
  /** The batch with exact integers, made when the first one is not safe. */
  #exact: unknown;

  constructor(text: string, format: ReadFormat<F>) {
    this.#text = text;
    this.#format = format;
  }

  decode(): DecodedBatch<F> {
    const batch: unknown = JSON.parse(this.#text);
    if (!isJsonObject(batch) || !Array.isArray(batch.records))
      throw protocolError("A read was answered without records");
    const bytes = this.#format.as === "bytes";
    if (bytes) this.#memory = allocateForBase64(this.#text.length);
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
    return { records, tail, meteredBytes: this.#metered, failure };
  }

  #record(record: unknown, index: number, bytes: boolean): StringReadRecord | BytesReadRecord {
    if (!isJsonObject(record)) throw protocolError("A record of a read is not an object");
    const seqNum = isSafe(record.seq_num) ? record.seq_num : this.#unsafe(index, "seq_num");
    const timestamp = isSafe(record.timestamp) ? record.timestamp : this.#unsafe(index, "timestamp");
    this.#metered += RECORD_METERED_OVERHEAD;
    if (!bytes) {
      const headerList = this.#stringHeaders(record.headers);
      let headers: StringHeaders = NO_HEADERS;
      if (headerList !== NO_HEADER_LIST) {
        headers = {};
        for (const [name, value] of headerList) setHeader(headers, name, value);
      }
      const body = record.body === undefined ? "" : this.#string(record.body);
      return { seq_num: seqNum, timestamp, body, headers, headerList };
    }
    const headers = this.#bytesHeaders(record.headers);
    const body = record.body === undefined ? EMPTY_BYTES : this.#bytes(record.body);
    return { seq_num: seqNum, timestamp, body, headers, headerList: headers };
  }

  #stringHeaders(headers: unknown): StringHeaderList {
    if (headers === undefined) return NO_HEADER_LIST;
    const list = pairsOf(headers).map((pair): [string, string] => [
      this.#string(pair[0]),
      this.#string(pair[1]),
    ]);
    this.#metered += HEADER_METERED_OVERHEAD * list.length;
    return list.length === 0 ? NO_HEADER_LIST : list;
  }

  #bytesHeaders(headers: unknown): BytesHeaderList {
    if (headers === undefined) return NO_BYTES_HEADERS;
    const list = pairsOf(headers).map((pair): [Uint8Array, Uint8Array] => [
      this.#bytes(pair[0]),
      this.#bytes(pair[1]),
    ]);
    this.#metered += HEADER_METERED_OVERHEAD * list.length;
    return list.length === 0 ? NO_BYTES_HEADERS : list;
  }

  #string(value: unknown): string {
    if (typeof value !== "string") throw protocolError("Data of a record is not a string");
    this.#metered += utf8ByteLength(value);
    return value;
  }

  #bytes(value: unknown): Uint8Array {
    if (typeof value !== "string") throw protocolError("Data of a record is not a string");
    if (value.length === 0) return EMPTY_BYTES;
    const written = writeBase64(this.#memory, value, this.#used);
    const view = new Uint8Array(this.#memory.buffer, this.#memory.byteOffset + this.#used, written);
    this.#used += written;
    this.#metered += written;
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

function pairsOf(headers: unknown): readonly (readonly unknown[])[] {
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
