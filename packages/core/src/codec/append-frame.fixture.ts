import { expect } from "vitest";
import type { AppendRecordInput } from "../model/record.js";
import { decodeAppendInput } from "./append-input-decode.js";
import { utf8 } from "./vectors.fixture.js";
import type { WireAppendInput, WireAppendRecord } from "./wire-types.js";

/** What a server makes of a whole frame. */
export function decodeFrame(frame: Uint8Array): WireAppendInput {
  const length = ((frame[0] as number) << 16) | ((frame[1] as number) << 8) | (frame[2] as number);
  expect(length).toBe(frame.length - 3);
  expect(frame[3]).toBe(0);
  return decodeAppendInput(frame.subarray(4));
}

function asBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? utf8(data) : data;
}

/** What a server should see of a record. */
export function onWire(record: AppendRecordInput): WireAppendRecord {
  const pairs = Array.isArray(record.headers) ? record.headers : Object.entries(record.headers ?? {});
  const timestamp = record.timestamp ?? undefined;
  return {
    timestamp: typeof timestamp === "bigint" && timestamp <= 2n ** 53n - 1n ? Number(timestamp) : timestamp,
    headers: pairs.map(([name, value]) => [asBytes(name), asBytes(value)]),
    body: asBytes(record.body ?? ""),
  };
}
