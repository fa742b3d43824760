import type { ReadQuery } from "../model/records-on-wire.js";
import type { WireRequest } from "../transport/index.js";
import { requestTo, type StreamTarget } from "./record-requests.js";

/** The request of a read; what to read has been checked by `readQuery`. */
export function readRequest(target: StreamTarget, query: ReadQuery): WireRequest {
  const given = QUERY_NAMES.filter((name) => query[name] !== undefined);
  const pairs = given.map((name, index) => `${index === 0 ? "?" : "&"}${name}=${query[name]}`);
  return requestTo(target, "GET", pairs.join(""));
}

/** In wire order. */
const QUERY_NAMES = [
  "seq_num",
  "timestamp",
  "tail_offset",
  "clamp",
  "count",
  "bytes",
  "until",
  "wait",
] as const satisfies (keyof ReadQuery)[];
