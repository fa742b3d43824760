import type { StreamPosition } from "../model/position.js";
import type { UnsafeTimestamps } from "../model/record.js";
import { CodecError } from "./codec-error.js";
import { protocolError, unsafeIntegerError } from "./protocol-error.js";

/** A number of 16 digits or more outside a string follows one of these; within a string it only costs time. */
const LONG_NUMBER = /(?:^|[[:,])\s*-?\d{16}/;

/**
 * Parses JSON like `JSON.parse`, except that an integer beyond 2^53-1 comes as a bigint instead of rounded.
 * @throws CodecError `bad_json`.
 */
export function parseJson(text: string): unknown {
  return LONG_NUMBER.test(text) ? parseJsonExactly(text) : parse(text);
}

/** A string, with the colon behind it if it is a key, or a number. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*/g;

/** The same, looking at every digit: long integers are parsed as strings, told from the others by a letter in front. */
export function parseJsonExactly(text: string): unknown {
  // First as it is: what is no JSON must not become some by being marked.
  parse(text);
  const marked = text.replace(STRING_OR_NUMBER, (token: string, colon: string | undefined) => {
    if (token.startsWith('"')) return colon === undefined ? `"s${token.slice(1)}` : token;
    return /^-?\d{16,}$/.test(token) ? `"n${token}"` : token;
  });
  return parse(marked, (_, value: unknown) => {
    if (typeof value !== "string") return value;
    const rest = value.slice(1);
    if (value.startsWith("s")) return rest;
    return Number.isSafeInteger(Number(rest)) ? Number(rest) : BigInt(rest);
  });
}

function parse(text: string, revive?: (key: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, revive);
  } catch (error) {
    throw new CodecError("bad_json", error instanceof Error ? error.message : String(error));
  }
}

/** Writes JSON like `JSON.stringify`, with bigints as bare numbers. */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // A bigint; a cycle ends in a RangeError instead.
    return stringifyExactly(value);
  }
}

function stringifyExactly(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(stringifyExactly).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${stringifyExactly(member)}`);
  return `{${members.join(",")}}`;
}

/**
 * A position out of parsed JSON.
 * @throws S2Error `PROTOCOL_ERROR` for anything else, `UNSAFE_INTEGER` for a sequence number beyond 2^53-1, and for
 * such a timestamp unless it is to saturate.
 */
export function positionFromJson(
  value: unknown,
  what: string,
  unsafeTimestamps: UnsafeTimestamps,
): StreamPosition {
  if (!isJsonObject(value)) throw protocolError(`${what} is not a position`);
  return {
    seq_num: unsignedFromJson(value.seq_num, `${what}.seq_num`, "error"),
    timestamp: unsignedFromJson(value.timestamp, `${what}.timestamp`, unsafeTimestamps),
  };
}

/** An unsigned integer out of parsed JSON, as a number; see `positionFromJson`. */
export function unsignedFromJson(value: unknown, what: string, unsafe: UnsafeTimestamps): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  if (typeof value !== "bigint" || value < 0n) throw protocolError(`${what} is not an unsigned integer`);
  if (unsafe === "saturate") return Number.MAX_SAFE_INTEGER;
  throw unsafeIntegerError(what, value);
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
