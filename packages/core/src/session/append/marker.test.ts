import { describe, expect, it } from "vitest";
import { encodeAppendBatch } from "../../codec/append-input.js";
import { decodeAppendInput } from "../../codec/append-input-decode.js";
import { AppendRecord } from "../../model/append-record.js";
import { FRAME_HEAD_BYTES } from "../../model/limits.js";
import type { AppendRecordInput } from "../../model/record.js";
import { createMarker, type Marker } from "./marker.js";
import type { ExactlyOnceOptions } from "./types.js";

const text = new TextDecoder();

function markerOf(option: boolean | ExactlyOnceOptions, random: () => number = () => 0.5): Marker {
  return createMarker(option, random);
}

/** The headers that reach the wire, a list a record. */
function headersSent(records: readonly AppendRecordInput[]): string[][] {
  const { frame } = encodeAppendBatch(records);
  return decodeAppendInput(frame.subarray(FRAME_HEAD_BYTES)).records.map(({ headers }) =>
    headers.map(([name, value]) => `${text.decode(name)}=${text.decode(value)}`),
  );
}

const VALUE = "80000000".repeat(4);

describe("a marker", () => {
  const mark = markerOf({ markerHeader: "_session" });

  it("stands behind the headers of the first record only, in whatever form those are", () => {
    const bytes = new TextEncoder().encode("b");
    expect(headersSent(mark([{ body: "x", headers: { a: "1" } }, { body: "y" }]))).toEqual([
      ["a=1", `_session=${VALUE}`],
      [],
    ]);
    expect(headersSent(mark([{ headers: [[bytes, bytes]] }]))).toEqual([["b=b", `_session=${VALUE}`]]);
    expect(headersSent(mark([{ body: "x" }]))).toEqual([[`_session=${VALUE}`]]);
    expect(headersSent(mark([{}]))).toEqual([[`_session=${VALUE}`]]);
  });

  it("leaves commands what they are, and marks the record behind them", () => {
    expect(headersSent(mark([AppendRecord.fence("t"), { body: "x" }]))).toEqual([
      ["=fence"],
      [`_session=${VALUE}`],
    ]);
    expect(headersSent(mark([AppendRecord.trim(3)]))).toEqual([["=trim"]]);
  });

  it("does not change what the caller owns", () => {
    const records = [Object.freeze({ body: "x", headers: Object.freeze([["a", "1"]] as const) })];
    mark(Object.freeze(records));
    expect(records[0]?.headers).toHaveLength(1);
  });

  it("does not make a record of what is none", () => {
    for (const nonsense of [undefined, "text", { data: "x" }, { headers: 5 }, { headers: [5] }])
      expect(() => headersSent(mark([nonsense as never]))).toThrow(/records\[0\]/);
  });

  it("is another one in each session", () => {
    let next = 0;
    const random = (): number => {
      next += 0.1;
      return next;
    };
    const [first, second] = [1, 2].map(() => headersSent(markerOf({ markerHeader: "m" }, random)([{}])));
    expect(first).not.toEqual(second);
  });
});

describe("exactly-once mode", () => {
  it("marks nothing unless it is told how", () => {
    const records = [{ body: "x" }];
    for (const option of [true, {}]) expect(markerOf(option)(records)).toBe(records);
  });

  it.each([
    ["yes", /exactlyOnce must be a boolean or an object; got "yes"/],
    [{ markerHeader: "" }, /exactlyOnce\.markerHeader must be/],
    [{ markerHeader: 5 }, /exactlyOnce\.markerHeader must be .* got 5/],
    [{ marker: "m" }, /exactlyOnce has no option "marker"; its option is markerHeader/],
    [["m"], /exactlyOnce must be a boolean or an object/],
  ])("refuses %j", (option, message) => {
    expect(() => createMarker(option as never, Math.random)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
  });
});
