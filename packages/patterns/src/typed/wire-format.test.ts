import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { expect, it } from "vitest";
import { MemorySource } from "../../test/memory-source.js";
import { typed } from "./index.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const meta = { type: "t", key: "k", id: "i", timestamp: 12, headers: { own: "o" } };
const OWN = [
  ["_type", "t"],
  ["_key", "k"],
  ["_id", "i"],
  ["_timestamp", "12"],
  ["_version", "2"],
  ["own", "o"],
];
const options = {
  codec: { encode: (value: string) => new TextEncoder().encode(value), decode: text },
  version: 2,
};

function headersOf(source: MemorySource, index: number): string[][] {
  const names = ["_frame_records", "_frame_bytes", "_dedupe_seq"];
  return source.stream.records[index]!.headers.map(([name, value]) => [
    text(name),
    names.includes(text(name)) ? hex(value) : text(value),
  ]);
}

it("is the value and its metadata alone, where a message fits a record", async () => {
  const source = new MemorySource();
  await typed(source, options).append("hi", meta);
  expect(source.stream.records.map(({ body }) => text(body))).toEqual(["hi"]);
  expect(headersOf(source, 0)).toEqual(OWN);
});

it("has the frame first, then the metadata, then the number and the writer, where a session numbers it", async () => {
  const source = new MemorySource();
  const session = await typed(source, options).appendSession({
    clock: createFakeClock(),
    writerId: "me",
    dedupeSeq: 256,
  });
  void session.submit("hi", meta);
  await session.close();
  expect(headersOf(source, 0)).toEqual([
    ["_frame_records", "0000000000000001"],
    ["_frame_bytes", "0000000000000002"],
    ...OWN,
    ["_dedupe_seq", "0000000000000100"],
    ["_writer_id", "me"],
  ]);
});

it("has metadata on the first record only, and the timestamp on all, where a message takes several", async () => {
  const source = new MemorySource();
  await typed(source, options).append("x".repeat(1_100_000), meta);
  expect(headersOf(source, 0).slice(0, 8)).toEqual([
    ["_frame_records", "0000000000000002"],
    ["_frame_bytes", "000000000010c8e0"],
    ...OWN,
  ]);
  expect(headersOf(source, 1).map(([name]) => name)).toEqual(["_dedupe_seq", "_writer_id"]);
  expect(source.stream.batches.flatMap(({ records }) => records.map(({ timestamp }) => timestamp))).toEqual([
    12, 12,
  ]);
});

it("copies nothing of what the codec gave", async () => {
  const source = new MemorySource();
  const bytes = new Uint8Array(3_000_000);
  const blobs = typed(source, { codec: { encode: (value: Uint8Array) => value, decode: (value) => value } });
  await blobs.append(bytes);
  await blobs.append(bytes.subarray(0, 10));
  const bodies = source.stream.batches.flatMap(({ records }) =>
    records.map(({ body }) => body as Uint8Array),
  );
  expect(bodies.every(({ buffer }) => buffer === bytes.buffer)).toBe(true);
});
