import { MAX_U64 } from "../model/limits.js";
import { EMPTY_BYTES } from "../util/empty-bytes.js";
import { decodeBase64 } from "./base64.js";
import type { JsonFormat } from "./json-records.js";
import { describeJson, type JsonNode, jsonErrorAt, parseJsonTree } from "./json-tree.js";
import type { U64, WireAppendInput, WireAppendRecord, WireHeader } from "./wire-types.js";

type ObjectNode = Extract<JsonNode, { kind: "object" }>;
type Reader<T> = (node: JsonNode) => T;

const NO_HEADERS: readonly WireHeader[] = /* @__PURE__ */ Object.freeze([]);

/**
 * Reads the JSON of an `AppendInput` as strictly as the service: repeated keys, quoted or fractional integers, values
 * beyond 64 bits, lone surrogates, a `null` body or missing records are refused; unknown fields are not.
 * @throws CodecError `bad_json` with line and column, or `invalid` for base64 that is none.
 */
export function appendInputFromJson(text: string, format: JsonFormat): WireAppendInput {
  return new AppendInputReader(text, format).read();
}

class AppendInputReader {
  readonly #text: string;
  readonly #decode: (text: string) => Uint8Array;

  constructor(text: string, format: JsonFormat) {
    this.#text = text;
    const encoder = new TextEncoder();
    this.#decode = format === "base64" ? decodeBase64 : (raw) => encoder.encode(raw);
  }

  read(): WireAppendInput {
    const input = this.#object(parseJsonTree(this.#text), "struct AppendInput");
    const records = input.entries.get("records");
    if (records === undefined) throw this.#missing("records", input);
    return {
      records: this.#items(records).map((node) => this.#record(node)),
      match_seq_num: this.#nullable(input, "match_seq_num", (node) => this.#u64(node)),
      fencing_token: this.#nullable(input, "fencing_token", (node) => this.#string(node)),
    };
  }

  #record(node: JsonNode): WireAppendRecord {
    const record = this.#object(node, "struct AppendRecord");
    const headers = record.entries.get("headers");
    const body = record.entries.get("body");
    return {
      timestamp: this.#nullable(record, "timestamp", (value) => this.#u64(value)),
      headers: headers === undefined ? NO_HEADERS : this.#items(headers).map((pair) => this.#header(pair)),
      body: body === undefined ? EMPTY_BYTES : this.#decode(this.#string(body)),
    };
  }

  #header(node: JsonNode): WireHeader {
    const [name, value, ...rest] = this.#items(node, "an array of length 2");
    if (name === undefined || value === undefined || rest.length > 0) {
      const length = name === undefined ? 0 : value === undefined ? 1 : 2 + rest.length;
      throw this.#fail(node, `invalid length ${length}, expected an array of length 2`);
    }
    return [this.#decode(this.#string(name)), this.#decode(this.#string(value))];
  }

  #nullable<T>(object: ObjectNode, field: string, read: Reader<T>): T | undefined {
    const node = object.entries.get(field);
    return node === undefined || node.kind === "null" ? undefined : read(node);
  }

  #object(node: JsonNode, expected: string): ObjectNode {
    if (node.kind !== "object") throw this.#wrongType(node, expected);
    return node;
  }

  #items(node: JsonNode, expected = "a sequence"): readonly JsonNode[] {
    if (node.kind !== "array") throw this.#wrongType(node, expected);
    return node.items;
  }

  #string(node: JsonNode): string {
    if (node.kind !== "string") throw this.#wrongType(node, "a string");
    return node.value;
  }

  #u64(node: JsonNode): U64 {
    if (node.kind !== "number" || /[.eE]/.test(node.text)) throw this.#wrongType(node, "u64");
    const value = BigInt(node.text);
    if (value > MAX_U64) throw this.#fail(node, "number out of range");
    if (value < 0n) throw this.#fail(node, `invalid value: integer \`${node.text}\`, expected u64`);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  #missing(field: string, node: JsonNode): Error {
    return this.#fail(node, `missing field \`${field}\``);
  }

  #wrongType(node: JsonNode, expected: string): Error {
    return this.#fail(node, `invalid type: ${describeJson(node)}, expected ${expected}`);
  }

  #fail(node: JsonNode, message: string): Error {
    return jsonErrorAt(this.#text, node.end, message);
  }
}
