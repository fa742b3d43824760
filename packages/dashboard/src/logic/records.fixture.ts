import { AppendRecord } from "@s2-dev/streamstore";
import type { PageRecord } from "./body-view.js";

const encoder = new TextEncoder();

/** A record as it is read, made of text. */
export function recordOf(
  seqNum: number,
  body: string | Uint8Array = "",
  headers: readonly (readonly [string, string])[] = [],
): PageRecord {
  const pairs = headers.map(([name, value]): [Uint8Array, Uint8Array] => [
    encoder.encode(name),
    encoder.encode(value),
  ]);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  return { seq_num: seqNum, timestamp: 1000 + seqNum, body: bytes, headers: pairs, headerList: pairs };
}

/** The command records that a user appends, as they are read. */
export const fenceOf = (seqNum: number, token: string): PageRecord =>
  recordOf(seqNum, token, [["", "fence"]]);
export const trimOf = (seqNum: number, point: number): PageRecord =>
  recordOf(seqNum, AppendRecord.trim(point).body ?? "", [["", "trim"]]);
