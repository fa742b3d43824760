import type { IncomingHttpHeaders } from "node:http";
import { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import type { JsonFormat } from "@s2-dev/streamstore-core/wire";
import { checkRetention, type StreamConfigLayer } from "../service/configs.js";
import { refuse } from "../service/errors.js";
import { basinNameFault, requestTokenFault } from "../service/names.js";
import { keyTextFault } from "../service/record-cipher.js";
import { parseU64, type U64 } from "../storage/u64.js";
import { layerFromJson } from "./config-json.js";
import { decodeJson } from "./json-body.js";

/** `s2-basin`: which basin a request is about. @throws ServiceError `bad_header` */
export function basinHeader(headers: IncomingHttpHeaders): string {
  const name = textHeader(headers, "s2-basin");
  if (name === undefined) throw refuse("bad_header", "Missing header `s2-basin`");
  checkHeader("s2-basin", basinNameFault(name));
  return name;
}

/** `s2-request-token`, by which a repeated creation is recognised. */
export function requestTokenHeader(headers: IncomingHttpHeaders): string | undefined {
  const token = textHeader(headers, "s2-request-token");
  if (token !== undefined) checkHeader("s2-request-token", requestTokenFault(token));
  return token;
}

/** `s2-encryption-key`: refused here when it can be no key at all; what it is worth depends on the stream. */
export function encryptionKeyHeader(headers: IncomingHttpHeaders): string | undefined {
  const key = textHeader(headers, "s2-encryption-key");
  if (key !== undefined) checkHeader("s2-encryption-key", keyTextFault(key));
  return key;
}

/** `s2-stream-config`: the configuration of a stream that this request may create. */
export function streamConfigHeader(headers: IncomingHttpHeaders): StreamConfigLayer | undefined {
  const text = textHeader(headers, "s2-stream-config");
  if (text === undefined) return undefined;
  try {
    const layer = layerFromJson(decodeJson(text, requestSchemas.ensure_stream));
    checkRetention(layer.retention);
    return layer;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw invalidHeader("s2-stream-config", code === "bad_json" ? `invalid JSON: ${message}` : message);
  }
}

/** `s2-format`: how record data are spelled in JSON. */
export function formatHeader(headers: IncomingHttpHeaders): JsonFormat {
  const text = textHeader(headers, "s2-format") ?? "raw";
  switch (text.trim()) {
    case "raw":
    case "json":
      return "raw";
    case "base64":
    case "json-binsafe":
      return "base64";
    default:
      throw invalidHeader("s2-format", text);
  }
}

/** What a reader of events has had already. */
export interface LastEventId {
  readonly seqNum: U64;
  readonly count: U64;
  readonly bytes: U64;
}

/** `Last-Event-ID`: `<seq_num>,<count>,<bytes>`. */
export function lastEventIdHeader(headers: IncomingHttpHeaders): LastEventId | undefined {
  const text = textHeader(headers, "last-event-id");
  if (text === undefined) return undefined;
  const mark = text.indexOf(",");
  const next = mark < 0 ? -1 : text.indexOf(",", mark + 1);
  const parts = [text.slice(0, mark < 0 ? undefined : mark)];
  if (mark >= 0) parts.push(text.slice(mark + 1, next < 0 ? undefined : next));
  if (next >= 0) parts.push(text.slice(next + 1));
  const [seqNum, count, bytes] = ["seq_num", "count", "bytes"].map((field, index) =>
    part(parts[index], field),
  );
  return { seqNum: seqNum as U64, count: count as U64, bytes: bytes as U64 };
}

function part(text: string | undefined, field: string): U64 {
  if (text === undefined) throw invalidHeader("last-event-id", `missing ${field} in Last-Event-Id`);
  const value = parseU64(text);
  if (value !== undefined) return value;
  const why = text === "" ? "cannot parse integer from empty string" : "invalid digit found in string";
  throw invalidHeader("last-event-id", `invalid ${field} in Last-Event-ID: ${why}`);
}

/** A header's first value, which must be visible ASCII. */
function textHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  if (text !== undefined && !/^[\t\x20-\x7e]*$/.test(text)) {
    throw refuse("bad_header", `Invalid header \`${name}\`: not UTF-8`);
  }
  return text;
}

function checkHeader(name: string, fault: string | undefined): void {
  if (fault !== undefined) throw invalidHeader(name, fault);
}

function invalidHeader(name: string, why: string): Error {
  return refuse("bad_header", `Invalid header \`${name}\`: ${why}`);
}
