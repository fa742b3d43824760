import { utf8ByteLength } from "../model/utf8.js";
import { CodecError } from "./codec-error.js";

/** A JSON value with the place where it stands: `end` is the offset of the character behind it. */
export type JsonNode =
  | { readonly kind: "null"; readonly end: number }
  | { readonly kind: "boolean"; readonly end: number; readonly value: boolean }
  | { readonly kind: "number"; readonly end: number; readonly text: string }
  | { readonly kind: "string"; readonly end: number; readonly value: string }
  | { readonly kind: "array"; readonly end: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly end: number; readonly entries: ReadonlyMap<string, JsonNode> };

const MAX_DEPTH = 128;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these characters in strings.
const PLAIN_STRING = /[^"\\\u0000-\u001f]*/y;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?:[^\ud800-\udbff]|^)[\udc00-\udfff]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Parses JSON into nodes that keep numbers as they are written and know where they stand, so that a server can refuse
 * a value with its line and column; repeated keys and lone surrogates are refused, as by the service. Slower than
 * `JSON.parse`, in linear time.
 * @throws CodecError `bad_json`.
 */
export function parseJsonTree(text: string): JsonNode {
  const parser = new JsonParser(text);
  const node = parser.value(0);
  parser.skipSpace();
  if (parser.pos < text.length) throw jsonErrorAt(text, parser.pos + 1, "trailing characters");
  return node;
}

/** The error for something that ends at offset `end`, with line and column (in bytes, from 1) in its message. */
export function jsonErrorAt(text: string, end: number, message: string): CodecError {
  const before = text.slice(0, Math.min(end, text.length));
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return new CodecError(
    "bad_json",
    `${message} at line ${line} column ${utf8ByteLength(before.slice(lineStart))}`,
  );
}

/** The plain value of a node. Integers beyond 2^53-1 come as bigint, all other numbers as numbers. */
export function valueOfNode(node: JsonNode): unknown {
  switch (node.kind) {
    case "null":
      return null;
    case "boolean":
    case "string":
      return node.value;
    case "number":
      return numberOf(node.text);
    case "array":
      return node.items.map(valueOfNode);
    case "object": {
      const object: Record<string, unknown> = {};
      for (const [key, value] of node.entries) {
        Object.defineProperty(object, key, {
          value: valueOfNode(value),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
      return object;
    }
  }
}

function numberOf(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || /[.eE]/.test(text) ? value : BigInt(text);
}

/** A value in the words of the service's own parser. */
export function describeJson(node: JsonNode): string {
  switch (node.kind) {
    case "null":
      return "null";
    case "boolean":
      return `boolean \`${node.value}\``;
    case "number":
      return `${/[.eE]/.test(node.text) ? "floating point" : "integer"} \`${node.text}\``;
    case "string":
      return `string ${JSON.stringify(node.value)}`;
    case "array":
      return "sequence";
    case "object":
      return "map";
  }
}

class JsonParser {
  pos = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw this.#fail("recursion limit exceeded", 1);
    this.skipSpace();
    const first = this.#text[this.pos];
    switch (first) {
      case undefined:
        throw this.#fail("EOF while parsing a value");
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"': {
        const value = this.#string();
        return { kind: "string", value, end: this.pos };
      }
      case "t":
        return { kind: "boolean", value: true, end: this.#word("true") };
      case "f":
        return { kind: "boolean", value: false, end: this.#word("false") };
      case "n":
        return { kind: "null", end: this.#word("null") };
      default:
        return this.#number();
    }
  }

  skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.pos);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.pos += 1;
    }
  }

  #object(depth: number): JsonNode {
    const entries = new Map<string, JsonNode>();
    this.pos += 1;
    this.skipSpace();
    if (this.#text[this.pos] === "}") return { kind: "object", entries, end: ++this.pos };
    for (;;) {
      this.skipSpace();
      if (this.#text[this.pos] !== '"') throw this.#unexpected("key must be a string", "an object");
      const key = this.#string();
      if (entries.has(key)) throw this.#fail(`duplicate field \`${key}\``);
      this.skipSpace();
      if (this.#text[this.pos] !== ":") throw this.#unexpected("expected `:`", "an object");
      this.pos += 1;
      entries.set(key, this.value(depth + 1));
      this.skipSpace();
      const next = this.#text[this.pos];
      if (next === "}") return { kind: "object", entries, end: ++this.pos };
      if (next !== ",") throw this.#unexpected("expected `,` or `}`", "an object");
      this.pos += 1;
    }
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.pos += 1;
    this.skipSpace();
    if (this.#text[this.pos] === "]") return { kind: "array", items, end: ++this.pos };
    for (;;) {
      items.push(this.value(depth + 1));
      this.skipSpace();
      const next = this.#text[this.pos];
      if (next === "]") return { kind: "array", items, end: ++this.pos };
      if (next !== ",") throw this.#unexpected("expected `,` or `]`", "a list");
      this.pos += 1;
    }
  }

  #string(): string {
    this.pos += 1;
    let value = "";
    for (;;) {
      PLAIN_STRING.lastIndex = this.pos;
      value += PLAIN_STRING.exec(this.#text)?.[0] ?? "";
      this.pos = PLAIN_STRING.lastIndex;
      const next = this.#text[this.pos];
      if (next === undefined) throw this.#fail("EOF while parsing a string");
      this.pos += 1;
      if (next === '"') break;
      if (next !== "\\") throw this.#fail("control character (\\u0000-\\u001F) found while parsing a string");
      value += this.#escape();
    }
    if (LONE_SURROGATE.test(value)) throw this.#fail("lone surrogate found in a string");
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.pos];
    if (letter === undefined) throw this.#fail("EOF while parsing a string");
    this.pos += 1;
    if (letter === "u") {
      const hex = this.#text.slice(this.pos, this.pos + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#fail("invalid escape");
      this.pos += 4;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    if (!Object.hasOwn(ESCAPES, letter)) throw this.#fail("invalid escape");
    return ESCAPES[letter] as string;
  }

  #number(): JsonNode {
    NUMBER.lastIndex = this.pos;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined)
      throw this.#fail(this.#text[this.pos] === "-" ? "invalid number" : "expected value", 1);
    this.pos += text.length;
    const next = this.#text.charCodeAt(this.pos);
    // "01", "1." and "1e" stop in the middle of a number.
    if ((next >= 0x30 && next <= 0x39) || next === 0x2e || next === 0x65 || next === 0x45) {
      throw this.#fail("invalid number", 1);
    }
    return { kind: "number", text, end: this.pos };
  }

  #word(word: string): number {
    if (!this.#text.startsWith(word, this.pos)) throw this.#fail("expected ident", 1);
    this.pos += word.length;
    return this.pos;
  }

  #unexpected(message: string, within: string): CodecError {
    if (this.pos >= this.#text.length) return this.#fail(`EOF while parsing ${within}`);
    return this.#fail(message, 1);
  }

  #fail(message: string, ahead = 0): CodecError {
    return jsonErrorAt(this.#text, this.pos + ahead, message);
  }
}
