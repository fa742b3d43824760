import { invalidArgument } from "@s2-dev/streamstore-core";

/** How a value becomes bytes, and bytes a value. Either may throw: its message is told with the record's place. */
export interface Codec<T = unknown> {
  /** The bytes must stay as they are until the message is durable. */
  encode(value: T): Uint8Array;
  /** The bytes may be a view on a received batch: copy what is kept of them. */
  decode(bytes: Uint8Array): T;
}

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * JSON as UTF-8: the codec of a typed stream that names none. A value that JSON has no text for (`undefined`, a
 * function) is refused; what `JSON.stringify` changes (a `Date`, `NaN`, a `Map`) is for the schema to know.
 */
export function jsonCodec<T = unknown>(): Codec<T> {
  return JSON_CODEC as Codec<T>;
}

const JSON_CODEC: Codec = {
  encode(value) {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw invalidArgument(`JSON has no text for ${typeof value}`);
    return encoder.encode(text);
  },
  decode: (bytes) => JSON.parse(decoder.decode(bytes)) as unknown,
};

/** Whether a value can encode and decode. */
export function isCodec(value: unknown): value is Codec {
  if (typeof value !== "object" || value === null) return false;
  const { encode, decode } = value as Partial<Codec>;
  return typeof encode === "function" && typeof decode === "function";
}
