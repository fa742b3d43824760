import { describe, expect, it } from "vitest";
import { SeqNumMismatchError } from "../error/append-errors.js";
import { RangeNotSatisfiableError } from "../error/s2-error.js";
import type { WireResponse } from "../transport/index.js";
import { decodeAppendResponse } from "./append-response.js";
import { decodeReadResponse } from "./read-response.js";

const format = { as: "string", unsafeTimestamps: "error" } as const;
// One record: seq_num 1, timestamp 2, body "b".
const batch = [0x0a, 0x07, 0x08, 1, 0x10, 2, 0x22, 1, 0x62];
// The same with timestamp 2^64-1.
const unsafe = [0x0a, 0x0d, 0x08, 1, 0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];

function protobuf(...body: number[]): WireResponse {
  return { status: 200, headers: { "content-type": "application/protobuf" }, body: Uint8Array.from(body) };
}

function json(status: number, body: unknown): WireResponse {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: new TextEncoder().encode(JSON.stringify(body)) };
}

describe("the answer to a unary read", () => {
  it("gives its records, and a tail only when it has one", () => {
    expect(decodeReadResponse(protobuf(...batch), format)).toEqual({
      records: [{ seq_num: 1, timestamp: 2, body: "b", headers: {}, headerList: [] }],
    });
    expect(decodeReadResponse(protobuf(...batch, 0x12, 0x02, 0x08, 5), format).tail).toEqual({
      seq_num: 5,
      timestamp: 0,
    });
  });

  it("always has a list of records, which may be empty", () => {
    expect(decodeReadResponse(protobuf(), format)).toEqual({ records: [] });
  });

  it("is refused for a timestamp that no number can hold, unless it is to saturate", () => {
    expect(() => decodeReadResponse(protobuf(...unsafe), format)).toThrow("18446744073709551615");
    const { records } = decodeReadResponse(protobuf(...unsafe), { ...format, unsafeTimestamps: "saturate" });
    expect(records[0]?.timestamp).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("is a protocol error without side effect when it is not protobuf", () => {
    for (const answer of [
      json(200, { records: [] }),
      { ...protobuf(...batch), status: 204 },
      protobuf(0xff),
    ]) {
      expect(() => decodeReadResponse(answer, { ...format, as: "bytes" })).toThrow(
        expect.objectContaining({ code: "PROTOCOL_ERROR", sideEffect: "none" }),
      );
    }
  });

  it("is thrown as what it stands for when it is a failure", () => {
    expect(() => decodeReadResponse(json(416, { tail: { seq_num: 5, timestamp: 7 } }), format)).toThrow(
      RangeNotSatisfiableError,
    );
  });
});

describe("the answer to a unary append", () => {
  it("is a protocol error, its outcome unknown, when it has no acknowledgement", () => {
    for (const answer of [protobuf(), json(200, {}), { ...protobuf(), headers: {} }]) {
      expect(() => decodeAppendResponse(answer)).toThrow(
        expect.objectContaining({ code: "PROTOCOL_ERROR", sideEffect: "possible" }),
      );
    }
  });

  it("is thrown as what it stands for when it is a failure", () => {
    expect(() => decodeAppendResponse(json(412, { seq_num_mismatch: 0 }))).toThrow(SeqNumMismatchError);
    expect(() => decodeAppendResponse(json(404, { code: "stream_not_found", message: "m" }))).toThrow(
      expect.objectContaining({ code: "stream_not_found" }),
    );
  });
});
