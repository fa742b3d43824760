import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import {
  DEDUPE_SEQ_HEADER,
  FRAME_BYTES_HEADER,
  FRAME_RECORDS_HEADER,
  WRITER_ID_HEADER,
} from "../serialization/header-names.js";
import { type HeaderList, isReservedHeader, isSameName } from "../serialization/reserved-headers.js";

/** What a message says of itself besides its value; all of it travels in headers. */
export interface MessageMeta {
  /** What the message is about: messages of one key belong together. */
  readonly key?: string | undefined;
  /** A name of the message's own. */
  readonly id?: string | undefined;
  /** When what it tells has happened, in milliseconds since the epoch. The record gets it as its timestamp, too. */
  readonly timestamp?: number | undefined;
  /** Further headers, as text. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Under which names the metadata are stored. Default: `_type`, `_key`, `_id`, `_timestamp`, `_version`. */
export type MetaHeaderNames = { readonly [Field in MetaField]?: string | undefined };

type MetaField = "type" | "key" | "id" | "timestamp" | "version";
const FIELDS = ["type", "key", "id", "timestamp", "version"] as const satisfies readonly MetaField[];
const META_FIELDS = ["type", "key", "id", "timestamp", "headers"];

/** What the headers of a read message say, and those that are not ours. */
export interface StoredMeta {
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly id: string | undefined;
  readonly timestamp: number | undefined;
  /** 1 when it names none; `NaN` for what is no version. */
  readonly version: number;
  /** Those that are neither metadata nor of the serialization; of duplicates the last counts. */
  readonly headers: Readonly<Record<string, string>>;
}

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });
const NO_HEADERS: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});
const NONE: StoredMeta = {
  type: undefined,
  key: undefined,
  id: undefined,
  timestamp: undefined,
  version: 1,
  headers: NO_HEADERS,
};

/** Writes and reads the headers of messages, under the names that were chosen. */
export class MessageHeaders {
  readonly #names: Readonly<Record<MetaField, Uint8Array>>;
  readonly #reserved: ReadonlySet<string>;

  /** Throws `INVALID_ARGUMENT` for names that are empty, the same, or those of the serialization. */
  constructor(names: MetaHeaderNames = {}) {
    checkFields(names, "headerNames", FIELDS);
    const taken = new Set([DEDUPE_SEQ_HEADER, FRAME_BYTES_HEADER, FRAME_RECORDS_HEADER, WRITER_ID_HEADER]);
    const chosen = FIELDS.map((field) => {
      const name = names[field] ?? `_${field}`;
      if (typeof name !== "string" || name === "" || taken.has(name)) {
        throw invalidArgument(`headerNames.${field} must be a name that nothing else has; got ${show(name)}`);
      }
      taken.add(name);
      return [field, encoder.encode(name)] as const;
    });
    this.#names = Object.fromEntries(chosen) as Record<MetaField, Uint8Array>;
    this.#reserved = taken;
  }

  /** The headers of a message. Throws `INVALID_ARGUMENT` for metadata that cannot be written. */
  write(
    meta: MessageMeta & { readonly type?: string | undefined },
    version: number,
  ): [Uint8Array, Uint8Array][] {
    checkFields(meta, "metadata", META_FIELDS);
    const { type, key, id, timestamp, headers } = meta;
    const list: [Uint8Array, Uint8Array][] = [];
    const add = (field: MetaField, value: string | undefined): void => {
      if (value === undefined) return;
      if (typeof value !== "string") throw invalidArgument(`${field} must be text; got ${show(value)}`);
      list.push([this.#names[field], encoder.encode(value)]);
    };
    add("type", type);
    add("key", key);
    add("id", id);
    if (timestamp !== undefined) {
      if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
        throw invalidArgument(`timestamp must be an integer from 0 to 2^53-1; got ${show(timestamp)}`);
      }
      add("timestamp", String(timestamp));
    }
    if (version !== 1) add("version", String(version));
    if (headers !== undefined) for (const header of Object.entries(headers)) list.push(this.#own(header));
    return list;
  }

  /** What the headers of a message say. Text is made of them at once, so that the batch which they came in can be let go. */
  read(headers: HeaderList): StoredMeta {
    if (headers.length === 0) return NONE;
    const found: Partial<Record<MetaField, string>> = {};
    let others: Record<string, string> | undefined;
    for (const [name, value] of headers) {
      if (isReservedHeader(name)) continue;
      const field = this.#fieldOf(name);
      if (field !== undefined) found[field] ??= decoder.decode(value);
      else {
        others ??= Object.create(null) as Record<string, string>;
        others[decoder.decode(name)] = decoder.decode(value);
      }
    }
    const { type, key, id, timestamp, version = "1" } = found;
    return {
      type,
      key,
      id,
      timestamp: integerFrom(timestamp),
      version: integerFrom(version) ?? Number.NaN,
      headers: others ?? NO_HEADERS,
    };
  }

  #own([name, value]: [string, string]): [Uint8Array, Uint8Array] {
    if (name === "" || this.#reserved.has(name)) {
      throw invalidArgument(
        `the header ${show(name)} is reserved; set it by its own field, or name yours otherwise`,
      );
    }
    if (typeof value !== "string") {
      throw invalidArgument(`the header ${show(name)} must be text; got ${show(value)}`);
    }
    return [encoder.encode(name), encoder.encode(value)];
  }

  #fieldOf(name: Uint8Array): MetaField | undefined {
    for (const field of FIELDS) if (isSameName(name, this.#names[field])) return field;
    return undefined;
  }
}

/** A field whose name is misspelt would be lost without a word. */
function checkFields(given: object, what: string, fields: readonly string[]): void {
  for (const field in given) {
    if (fields.includes(field)) continue;
    throw invalidArgument(`${what} has no field ${show(field)}; it has ${fields.join(", ")}`);
  }
}

function integerFrom(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
