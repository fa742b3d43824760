import { isUtf8 } from "node:buffer";
import {
  type ArgsOf,
  type Field,
  type FieldKind,
  type OperationName,
  operations,
} from "@s2-dev/streamstore-core/operations";
import { refuse } from "../service/errors.js";
import { basinNameFault, streamNameFault, tokenIdFault } from "../service/names.js";
import { parseU64, type U64 } from "../storage/u64.js";

type FieldsOf<N extends OperationName> = (typeof operations)[N]["fields"];
type Widened<T> = T extends number ? U64 : T;

/** The arguments that an operation has in its path and query. Integers may have up to 64 bits. */
export type Arguments<N extends OperationName> = {
  readonly [F in keyof FieldsOf<N> & keyof ArgsOf<N> as FieldsOf<N>[F] extends { in: "path" | "query" }
    ? F
    : never]: Widened<ArgsOf<N>[F]>;
};

const MAX_U32 = 0xffff_ffff;

/** Parses a kind of field; throws an `Error` with the service's words. */
const PARSERS: Partial<Record<FieldKind, (text: string, field: string) => unknown>> = {
  access_token_id: named((text) => tokenIdFault(text)),
  access_token_prefix: prefixed(tokenIdFault),
  basin: named((text) => basinNameFault(text)),
  basin_prefix: prefixed(basinNameFault),
  boolean: (text) => {
    if (text === "true" || text === "false") return text === "true";
    throw new Error("provided string was not `true` or `false`");
  },
  page_limit: parseInteger,
  stream: named((text) => streamNameFault(text)),
  stream_prefix: prefixed(streamNameFault),
  u32: (text) => {
    const value = parseInteger(text);
    if (value > MAX_U32) throw new Error("number too large to fit in target type");
    return value;
  },
  u64: parseInteger,
};

/**
 * Reads an operation's path and query by the operations table.
 * @param segments values of the path's parameters by name, still percent-encoded
 * @throws ServiceError `bad_path`, `bad_query`
 */
export function readArguments<N extends OperationName>(
  name: N,
  segments: Readonly<Record<string, string>>,
  query: string,
): Arguments<N> {
  const fields = Object.entries(operations[name].fields as Readonly<Record<string, Field>>);
  const values: Record<string, unknown> = {};
  for (const [field, { in: place, kind }] of fields) {
    if (place === "path") values[field] = pathValue(field, kind, segments[field] ?? "");
  }
  const given = parseQuery(
    query,
    new Set(fields.filter(([, row]) => row.in === "query").map(([field]) => field)),
  );
  for (const [field, { in: place, kind, required }] of fields) {
    if (place !== "query") continue;
    const text = given.get(field);
    if (text !== undefined) values[field] = queryValue(field, kind, text);
    else if (required) throw badQuery(`missing field \`${field}\``);
  }
  return values as Arguments<N>;
}

function pathValue(field: string, kind: FieldKind, segment: string): unknown {
  const bytes = percentDecode(segment);
  if (!isUtf8(bytes)) throw refuse("bad_path", `Invalid URL: Invalid UTF-8 in \`${field}\``);
  try {
    return parseKind(kind, bytes.toString("utf8"), "name");
  } catch (error) {
    throw refuse("bad_path", `Invalid URL: ${(error as Error).message}`);
  }
}

function queryValue(field: string, kind: FieldKind, text: string): unknown {
  try {
    return parseKind(kind, text, field);
  } catch (error) {
    throw badQuery(`${field}: ${(error as Error).message}`);
  }
}

function parseKind(kind: FieldKind, text: string, field: string): unknown {
  const parse = PARSERS[kind];
  return parse === undefined ? text : parse(text, field);
}

/** The known fields of a query; unknown ones are ignored, repeated ones refused. */
function parseQuery(query: string, known: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const mark = pair.indexOf("=");
    const name = formDecode(mark < 0 ? pair : pair.slice(0, mark));
    if (!known.has(name)) continue;
    if (found.has(name)) throw badQuery(`duplicate field \`${name}\``);
    found.set(name, mark < 0 ? "" : formDecode(pair.slice(mark + 1)));
  }
  return found;
}

function badQuery(message: string): Error {
  return refuse("bad_query", `Failed to deserialize query string: ${message}`);
}

function formDecode(text: string): string {
  return percentDecode(text.replaceAll("+", " ")).toString("utf8");
}

/** Undoes percent-encoding; what is none stays as it is. */
function percentDecode(text: string): Buffer {
  if (!text.includes("%")) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const part of text.split(/((?:%[0-9a-fA-F]{2})+)/)) {
    const encoded = /^(?:%[0-9a-fA-F]{2})+$/.test(part);
    parts.push(encoded ? Buffer.from(part.replaceAll("%", ""), "hex") : Buffer.from(part, "utf8"));
  }
  return Buffer.concat(parts);
}

function parseInteger(text: string): U64 {
  if (text === "") throw new Error("cannot parse integer from empty string");
  const value = parseU64(text);
  if (value !== undefined) return value;
  throw new Error(
    /^\+?\d+$/.test(text) ? "number too large to fit in target type" : "invalid digit found in string",
  );
}

function named(faultOf: (text: string) => string | undefined): (text: string) => string {
  return (text) => {
    const fault = faultOf(text);
    if (fault !== undefined) throw new Error(fault);
    return text;
  };
}

function prefixed(
  faultOf: (text: string, kind: "prefix" | "start-after") => string | undefined,
): (text: string, field: string) => string {
  return (text, field) =>
    named((value) => faultOf(value, field === "prefix" ? "prefix" : "start-after"))(text);
}
