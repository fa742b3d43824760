import type { AppendRecordInput, StringReadRecord } from "@s2-dev/streamstore-core";
import { utf8ByteLength } from "@s2-dev/streamstore-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns, propertyTimeout } from "../../test/property-runs.js";
import {
  AnswerRecordReader,
  beginOfChunk,
  beginRecord,
  chunkRecords,
  dropRecord,
  endRecord,
  kindOf,
  messageRecords,
  stopRecord,
} from "./answer-record.js";
import { splitText } from "./split-text.js";

const recordsOf = (message: object) => messageRecords(JSON.stringify(message));

function read(records: readonly AppendRecordInput[]) {
  const reader = new AnswerRecordReader();
  return records.flatMap((record, seq_num) => reader.push(asRead(record, seq_num)) ?? []);
}

function asRead({ headers, body }: AppendRecordInput, seq_num = 0): StringReadRecord {
  const headerList = headers as [string, string][];
  return { seq_num, timestamp: 0, headers: Object.fromEntries(headerList), headerList, body: String(body) };
}

/** What is in the stream when, after each break, what was not acknowledged is sent again. */
function withRetries<T>(batches: readonly T[], retries: readonly { landed: number; unacked: number }[]): T[] {
  const stream: T[] = [];
  let next = 0;
  for (const { landed, unacked } of retries) {
    stream.push(...batches.slice(next, next + landed));
    next = Math.max(0, Math.min(batches.length, next + landed) - unacked);
  }
  return [...stream, ...batches.slice(next)];
}

/** The chunks that a reader is told, and where each was complete. */
function told(records: readonly StringReadRecord[], reader: AnswerRecordReader) {
  return records.flatMap((record) => {
    const event = reader.push(record);
    return event?.kind === "chunk" ? [{ ...event, at: record.seq_num }] : [];
  });
}

describe("the records of a conversation", () => {
  it("say what happened, and where an answer begins", () => {
    const events = read([
      ...recordsOf({ id: "m1", role: "user" }),
      dropRecord("m0"),
      beginRecord("a1", 1234),
      ...chunkRecords(2, 0, '{"type":"start"}'),
      stopRecord("a1"),
      endRecord("a1", "stopped"),
    ]);
    expect(events).toEqual([
      { kind: "message", json: '{"id":"m1","role":"user"}' },
      { kind: "drop", from: "m0" },
      { kind: "begin", answer: "a1", expiresAt: 1234 },
      { kind: "chunk", begin: 2, index: 0, json: '{"type":"start"}' },
      { kind: "stop", answer: "a1" },
      { kind: "end", answer: "a1", reason: "stopped" },
    ]);
    const [record] = chunkRecords(123_456, 7, "{}");
    expect(beginOfChunk(kindOf(asRead(record as AppendRecordInput)))).toBe(123_456);
  });

  it("are none of what was cut off by a crash: what follows stands for itself", () => {
    const large = JSON.stringify({ text: "x".repeat(1_200_000) });
    const cut = <T>(records: T[]): T[] => records.slice(0, -1);
    expect(cut(chunkRecords(1, 0, large)).length).toBeGreaterThan(1);
    const next = recordsOf({ id: "m2" });
    const told = (records: AppendRecordInput[]) =>
      read(records).map((event) => "json" in event && event.json);
    expect(told([...cut(chunkRecords(1, 0, large)), ...next])).toEqual(['{"id":"m2"}']);
    expect(told([...cut(recordsOf({ id: "m1", large })), ...next])).toEqual(['{"id":"m2"}']);
    expect(told([...recordsOf({ id: "m1", large }).slice(1), ...next])).toEqual(['{"id":"m2"}']);
    // Whoever goes on with the answer leaves a number out.
    const pieces = cut(chunkRecords(1, 0, large));
    expect(told([...pieces, ...chunkRecords(1, pieces.length + 1, "{}")])).toEqual(["{}"]);
  });

  it("are told once, however often a retry has repeated them", () => {
    const chunks = ["a", "b", "c", "d"].flatMap((json, index) => chunkRecords(1, index, json));
    const [a, b, c, d] = chunks as [
      AppendRecordInput,
      AppendRecordInput,
      AppendRecordInput,
      AppendRecordInput,
    ];
    const told = read([a, b, a, b, c, b, c, d, d]).map((event) => "json" in event && event.json);
    expect(told).toEqual(["a", "b", "c", "d"]);
  });

  it("are copies behind the last chunk that was read before, wherever that lies", () => {
    const chunks = ["a", "b", "c", "d"].flatMap((json, index) => chunkRecords(1, index, json));
    const reader = new AnswerRecordReader({ begin: 1, index: 1 });
    const told = [...chunks, ...chunkRecords(9, 0, "of another answer")]
      .flatMap((record) => reader.push(asRead(record)) ?? [])
      .map((event) => "json" in event && event.json);
    expect(told).toEqual(["c", "d", "of another answer"]);
  });

  it("are told once to whoever comes back behind any of them, whatever was sent again in between", {
    timeout: propertyTimeout(60_000),
  }, () => {
    const chunks = fc.array(fc.constantFrom(1, 1, 1, 600_000), { minLength: 1, maxLength: 12 });
    const retries = fc.array(fc.record({ landed: fc.nat(6), unacked: fc.nat(6) }), { maxLength: 5 });
    fc.assert(
      fc.property(chunks, retries, (sizes, breaks) => {
        let index = 0;
        const batches = sizes.map((size, number) => {
          const records = chunkRecords(1, index, String(number % 10).repeat(size));
          index += records.length;
          return records;
        });
        const stream = withRetries(batches, breaks).flat().map(asRead);
        const all = told(stream, new AnswerRecordReader());
        expect(all.map(({ index: number }) => number)).toEqual([
          ...new Set(all.map(({ index: number }) => number)),
        ]);
        expect(all).toHaveLength(sizes.length);
        for (const [position, { at, begin, index: seen }] of all.entries()) {
          const rest = told(stream.slice(at + 1), new AnswerRecordReader({ begin, index: seen }));
          expect(rest.map(({ json }) => json)).toEqual(all.slice(position + 1).map(({ json }) => json));
        }
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it("fill no reader's memory: what is too large is left out, and what follows is not", () => {
    const piece = "x".repeat(16 * 1024 * 1024);
    const of = (kind: string, body: string) => ({ headers: [["_ai", kind]] as [string, string][], body });
    const told = read([
      ...["c.1.0+", "c.1.1+", "c.1.2+", "c.1.3+", "c.1.4+", "c.1.5"].map((kind) => of(kind, piece)),
      of("c.1.6", "{}"),
      ...["message(", "message+", "message+", "message+", "message+", "message)"].map((kind) =>
        of(kind, piece),
      ),
      of("message", "{}"),
    ]);
    expect(told).toEqual([
      { kind: "chunk", begin: 1, index: 6, json: "{}" },
      { kind: "message", json: "{}" },
    ]);
  });

  it("hold chunks and messages of any size, also when records of others lie between their pieces", () => {
    const large = JSON.stringify({ type: "data-image", data: "é😀x".repeat(400_000) });
    const pieces = chunkRecords(0, 5, large);
    expect(pieces.length).toBeGreaterThan(4);
    for (const { body } of pieces) expect(utf8ByteLength(String(body))).toBeLessThan(512 * 1024);
    const mixed = pieces.flatMap((piece) => [piece, piece, stopRecord("x")]);
    const chunks = read(mixed).filter(({ kind }) => kind === "chunk");
    expect(chunks).toEqual([{ kind: "chunk", begin: 0, index: 5 + pieces.length - 1, json: large }]);
    const message = { id: "m", role: "user", text: "😀".repeat(500_000) };
    expect(read(recordsOf(message))).toEqual([{ kind: "message", json: JSON.stringify(message) }]);
  });

  it("are left out when they are somebody else's, or make no sense", () => {
    const of = (kind: string, body: string) => ({ headers: [["_ai", kind]] as [string, string][], body });
    expect(
      read([
        { body: "plain", headers: [["a", "b"]] },
        of("end", "{}"),
        of("end", '{"answer":"a","reason":"whatever"}'),
        of("begin", "not json"),
        of("stop", "[]"),
        of("c.x", "{}"),
        of("other", "{}"),
      ]),
    ).toEqual([]);
  });
});

it("a text is cut into pieces that are no larger, and never within a character", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 200 });
  fc.assert(
    fc.property(text, fc.integer({ min: 6, max: 40 }), (whole, max) => {
      const pieces = splitText(whole, max);
      expect(pieces.join("")).toBe(whole);
      for (const piece of pieces) {
        expect(utf8ByteLength(piece)).toBeLessThanOrEqual(max);
        expect(piece).not.toMatch(/\p{Surrogate}/u);
      }
    }),
  );
});
