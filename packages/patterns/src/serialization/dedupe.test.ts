import { AppendRecord, meteredBytes, S2Error } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { storedRecord } from "../../test/memory-stream.js";
import { extractDedupeSeq, type HeadersTarget, injectDedupeHeaders } from "./dedupe.js";
import { DedupeFilter } from "./dedupe-filter.js";
import { DEDUPE_SEQ_HEADER_BYTES, WRITER_ID_HEADER_BYTES } from "./header-names.js";
import { encodeU64 } from "./u64.js";

const text = (value: string) => new TextEncoder().encode(value);

function headersOf(writerId: string, seq: number): [Uint8Array, Uint8Array][] {
  const records: HeadersTarget[] = [{}];
  injectDedupeHeaders(records, writerId, seq);
  return storedRecord(records[0]!, 0).headers;
}

describe("injectDedupeHeaders", () => {
  it("numbers the records behind their own headers, and tells the next number", () => {
    const records = [AppendRecord.make("a", { kind: "x" }), AppendRecord.make(text("b"))];
    expect(injectDedupeHeaders(records, "writer", 41n)).toBe(43n);
    const headers = records.map((record) => storedRecord(record, 0).headers);
    expect(headers[0]).toEqual([
      [text("kind"), text("x")],
      [text("_dedupe_seq"), encodeU64(41)],
      [text("_writer_id"), text("writer")],
    ]);
    expect(extractDedupeSeq(headers[1]!)).toEqual(["writer", 42n]);
  });

  it("is counted in the records' metered size [D1-28]", () => {
    const record = AppendRecord.make("body");
    const before = meteredBytes(record);
    injectDedupeHeaders([record], "abcdefghijkl", 0);
    expect(meteredBytes(record) - before).toBe(2 + 11 + 8 + 2 + 10 + 12);
  });

  it("leaves an array of headers that is shared as it was", () => {
    const shared: [Uint8Array, Uint8Array][] = [];
    injectDedupeHeaders([{ headers: shared }], "w", 0);
    expect(shared).toEqual([]);
  });

  it.each([
    { headers: { _dedupe_seq: "1" } },
    { headers: [["_writer_id", "me"]] as const },
    { headers: [[DEDUPE_SEQ_HEADER_BYTES, encodeU64(1)]] as const },
    { headers: [[WRITER_ID_HEADER_BYTES, text("me")]] as const },
  ])("refuses records that have a reserved header, and touches none of them", (taken) => {
    const records: HeadersTarget[] = [{}, taken];
    expect(() => injectDedupeHeaders(records, "w", 0)).toThrowError(/record 1 has the reserved header _/);
    expect(records[0]).toEqual({});
  });

  it("refuses numbers beyond 64 bits and writer ids beyond 256 bytes", () => {
    expect(() => injectDedupeHeaders([{}, {}], "w", 2n ** 64n - 1n)).toThrowError(S2Error);
    expect(() => injectDedupeHeaders([{}], "w", -1)).toThrowError(S2Error);
    expect(() => injectDedupeHeaders([{}], "é".repeat(129), 0)).toThrowError(/256 bytes of UTF-8; got 258/);
  });
});

describe("extractDedupeSeq", () => {
  it("calls a writer without an id __legacy__", () => {
    expect(extractDedupeSeq([[DEDUPE_SEQ_HEADER_BYTES, encodeU64(7)]])).toEqual(["__legacy__", 7n]);
  });

  it("finds nothing where the number is missing or not a u64, or the id is too long", () => {
    expect(extractDedupeSeq([])).toBeUndefined();
    expect(extractDedupeSeq([[WRITER_ID_HEADER_BYTES, text("w")]])).toBeUndefined();
    expect(extractDedupeSeq([[DEDUPE_SEQ_HEADER_BYTES, text("7")]])).toBeUndefined();
    const long = [DEDUPE_SEQ_HEADER_BYTES, encodeU64(7)] as const;
    expect(extractDedupeSeq([long, [WRITER_ID_HEADER_BYTES, new Uint8Array(257)]])).toBeUndefined();
  });
});

describe("DedupeFilter", () => {
  it("accepts rising numbers and drops all others", () => {
    const filter = new DedupeFilter();
    const accepted = [5, 5, 4, 6, 9, 8].map((seq) => filter.shouldAccept(headersOf("a", seq)));
    expect(accepted).toEqual([true, false, false, true, true, false]);
  });

  it("keeps a window for each writer, however they interleave [D2-24]", () => {
    const filter = new DedupeFilter();
    const turns = [
      ["a", 1],
      ["b", 1],
      ["a", 1],
      ["b", 1],
      ["a", 2],
    ] as const;
    const accepted = turns.map(([writer, seq]) => filter.shouldAccept(headersOf(writer, seq)));
    expect(accepted).toEqual([true, true, false, false, true]);
  });

  it("accepts whatever carries no number", () => {
    const filter = new DedupeFilter();
    expect([filter.shouldAccept([]), filter.shouldAccept([])]).toEqual([true, true]);
  });

  it("forgets the writer unheard of for longest, and no other", () => {
    const filter = new DedupeFilter({ maxWriters: 2 });
    for (const writer of ["a", "b", "a", "c"]) filter.accepts(writer, writer === "a" ? 2n : 1n);
    expect(filter.accepts("a", 2n)).toBe(false);
    expect(filter.accepts("c", 1n)).toBe(false);
    expect(filter.accepts("b", 1n)).toBe(true);
  });

  it("remembers a writer for the copies it sends too", () => {
    const filter = new DedupeFilter({ maxWriters: 2 });
    filter.accepts("a", 1n);
    filter.accepts("b", 1n);
    expect(filter.accepts("a", 1n)).toBe(false);
    filter.accepts("c", 1n);
    expect(filter.accepts("a", 1n)).toBe(false);
  });

  it.each([0, 1.5, Number.NaN])("refuses to remember %s writers", (maxWriters) => {
    expect(() => new DedupeFilter({ maxWriters })).toThrowError(S2Error);
  });
});
