import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandOf } from "../model/command.js";
import { meteredBytes } from "../model/metering.js";
import type { ReadFormat } from "../model/record.js";
import { anyWireBatch, safeWireBatch } from "./arbitraries.fixture.js";
import { readBatchFromJson, readBatchToJson } from "./json-records.js";
import { encodeReadBatch, encodeReadBatchFrame } from "./read-batch.js";
import { decodeReadBatch } from "./read-batch-decode.js";
import { plain, toHex, utf8 } from "./vectors.fixture.js";
import type { U64, WireReadBatch, WireRecord } from "./wire-types.js";

const TEXT: ReadFormat<"string"> = { as: "string", unsafeTimestamps: "error" };
const BYTES: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "error" };
const SATURATED: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "saturate" };

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function saturated(value: U64): number {
  return typeof value === "bigint" ? Number.MAX_SAFE_INTEGER : value;
}

function record(seqNum: U64, init: Partial<WireRecord> = {}): WireRecord {
  return { seq_num: seqNum, timestamp: 1, headers: [], body: utf8("x"), ...init };
}

describe("decodeReadBatch", () => {
  it.each([
    ["a tail", encodeReadBatch({ records: [record(1)], tail: { seq_num: 2, timestamp: 3 } })],
    ["an integer that is too large", encodeReadBatch({ records: [record(2n ** 60n)] })],
    [
      "a header and bytes that are no batch",
      new Uint8Array([
        ...encodeReadBatch({ records: [record(1, { headers: [[utf8("a"), utf8("b")]] })] }),
        0x12,
        0x7f,
      ]),
    ],
  ])("decodes a batch as if none had come before: after %s", (_what, before) => {
    const payload = encodeReadBatch({ records: [record(7)] });
    const expected = { records: 1, tail: undefined, failure: undefined, meteredBytes: 9 };
    let earlier: readonly unknown[] = [];
    try {
      earlier = decodeReadBatch(before, TEXT).records;
    } catch {
      // What comes next is looked at.
    }
    const kept = [...earlier];
    const { records, ...rest } = decodeReadBatch(payload, BYTES);
    expect({ ...rest, records: records.length }).toEqual(expected);
    expect(plain(records[0]?.body)).toEqual(plain(utf8("x")));
    expect(earlier).toEqual(kept);
  });

  it("gives records as bytes exactly as a server encoded them", () => {
    fc.assert(
      fc.property(safeWireBatch, (batch) => {
        const decoded = decodeReadBatch(encodeReadBatch(batch), BYTES);
        expect(plain(decoded.records)).toEqual(
          plain(batch.records.map((one) => ({ ...one, headerList: one.headers }))),
        );
        expect(decoded.tail).toEqual(batch.tail);
        expect(decoded.failure).toBeUndefined();
        expect(decoded.meteredBytes).toBe(decoded.records.reduce((sum, one) => sum + meteredBytes(one), 0));
      }),
    );
  });

  it("gives records as text, headers by name and in order", () => {
    fc.assert(
      fc.property(safeWireBatch, (batch) => {
        const payload = encodeReadBatch(batch);
        const decoded = decodeReadBatch(payload, TEXT);
        decoded.records.forEach((one, index) => {
          const source = batch.records[index]!;
          expect(one.body).toBe(text(source.body));
          expect(one.headerList).toEqual(source.headers.map(([name, value]) => [text(name), text(value)]));
          expect(new Map(Object.entries(one.headers))).toEqual(new Map(one.headerList));
        });
        expect(decoded.records).toHaveLength(batch.records.length);
        expect(decoded.meteredBytes).toBe(decodeReadBatch(payload, BYTES).meteredBytes);
      }),
    );
  });

  it("keeps the records before an unsafe integer and names it [D1-27, H-15]", () => {
    fc.assert(
      fc.property(anyWireBatch, (batch) => {
        const isUnsafe = (one: WireRecord): boolean =>
          typeof one.seq_num === "bigint" || typeof one.timestamp === "bigint";
        const good = batch.records.findIndex(isUnsafe);
        const decoded = decodeReadBatch(encodeReadBatch(batch), BYTES);
        expect(decoded.records).toHaveLength(good < 0 ? batch.records.length : good);
        const first = good < 0 ? undefined : batch.records[good];
        const unsafe = first
          ? [first.seq_num, first.timestamp].find((value) => typeof value === "bigint")
          : [batch.tail?.seq_num, batch.tail?.timestamp].find((value) => typeof value === "bigint");
        if (unsafe === undefined) expect(decoded.failure).toBeUndefined();
        else {
          expect(decoded.failure).toMatchObject({ code: "UNSAFE_INTEGER" });
          expect(decoded.failure?.message).toContain(` ${unsafe},`);
        }
      }),
    );
  });

  it("saturates timestamps when asked, and only those", () => {
    const batch: WireReadBatch = {
      records: [record(1, { timestamp: 2n ** 63n }), record(2n ** 53n)],
      tail: { seq_num: 3, timestamp: 2n ** 60n },
    };
    const decoded = decodeReadBatch(encodeReadBatch(batch), SATURATED);
    expect(decoded.records.map((one) => one.timestamp)).toEqual([saturated(2n ** 63n)]);
    expect(decoded.failure?.message).toContain("seq_num is 9007199254740992");
    const heartbeat = encodeReadBatch({ records: [], tail: { seq_num: 3, timestamp: 2n ** 60n } });
    expect(decodeReadBatch(heartbeat, SATURATED).tail).toEqual({
      seq_num: 3,
      timestamp: Number.MAX_SAFE_INTEGER,
    });
    expect(decodeReadBatch(heartbeat, BYTES).failure?.message).toContain("tail.timestamp");
  });

  it("gives bodies and headers as views on the payload", () => {
    const payload = encodeReadBatch({ records: [record(1, { headers: [[utf8("n"), utf8("v")]] })] });
    const [one] = decodeReadBatch(payload, BYTES).records;
    expect(one!.body.buffer).toBe(payload.buffer);
    expect(one!.headers[0]![1].buffer).toBe(payload.buffer);
  });

  it("gives every record the same keys, and empty values where there is nothing", () => {
    const payload = encodeReadBatch({ records: [record(0, { timestamp: 0, body: new Uint8Array(0) })] });
    const [string] = decodeReadBatch(payload, TEXT).records;
    const [bytes] = decodeReadBatch(payload, BYTES).records;
    expect(string).toStrictEqual({ seq_num: 0, timestamp: 0, body: "", headers: {}, headerList: [] });
    expect(bytes).toStrictEqual({
      seq_num: 0,
      timestamp: 0,
      body: new Uint8Array(0),
      headers: [],
      headerList: [],
    });
    expect(Object.keys(string!)).toEqual(Object.keys(bytes!));
  });

  it("lets the last of duplicate headers win by name and keeps all in the list [D1-48, H-16]", () => {
    const headers = [
      [utf8("k"), utf8("1")],
      [utf8("k"), utf8("2")],
    ] as const;
    const [one] = decodeReadBatch(encodeReadBatch({ records: [record(1, { headers })] }), TEXT).records;
    expect(one!.headers).toEqual({ k: "2" });
    expect(one!.headerList).toEqual([
      ["k", "1"],
      ["k", "2"],
    ]);
  });

  it("is safe against a header called __proto__ [H-16]", () => {
    const headers = [[utf8("__proto__"), utf8("polluted")]] as const;
    const batch = { records: [record(1, { headers })] };
    for (const decoded of [
      decodeReadBatch(encodeReadBatch(batch), TEXT),
      readBatchFromJson(readBatchToJson(batch, "raw"), TEXT),
    ]) {
      const [one] = decoded.records;
      expect(Object.getPrototypeOf(one!.headers)).toBe(Object.prototype);
      expect(Object.entries(one!.headers)).toEqual([["__proto__", "polluted"]]);
    }
  });

  it("tells header names apart that share a place in its cache", () => {
    const names = [
      "aXb",
      "aXb\u00e9",
      "abb",
      "aYb",
      "a",
      "é",
      "𝄞x",
      ...Array.from({ length: 600 }, (_, index) => `h${index % 300}-${index}`),
    ];
    const records = names.map((name, index) =>
      record(index, { headers: [[utf8(name), utf8(String(index))]] }),
    );
    for (let round = 0; round < 2; round += 1) {
      const decoded = decodeReadBatch(encodeReadBatch({ records: records.slice(0, 1000) }), TEXT);
      expect(decoded.records.map((one) => one.headerList[0]![0])).toEqual(names);
    }
  });

  it("shows commands", () => {
    const headers = [[utf8(""), utf8("fence")]] as const;
    const payload = encodeReadBatch({ records: [record(1, { headers, body: utf8("tok") })] });
    expect(commandOf(decodeReadBatch(payload, TEXT).records[0]!)).toEqual({
      command: "fence",
      fencingToken: "tok",
    });
  });

  it("ends on any bytes with a batch or a PROTOCOL_ERROR, alike in both formats", () => {
    const outcome = (payload: Uint8Array, format: ReadFormat): string => {
      try {
        const decoded = decodeReadBatch(payload, format);
        return `${decoded.records.length} records, ${decoded.meteredBytes} bytes`;
      } catch (error) {
        expect(error).toMatchObject({ name: "S2Error", code: "PROTOCOL_ERROR" });
        return "error";
      }
    };
    const damaged = fc.tuple(safeWireBatch, fc.nat(), fc.nat(255)).map(([batch, at, value]) => {
      const payload = encodeReadBatch(batch);
      if (payload.length > 0) payload[at % payload.length] = value;
      return payload;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (payload) => {
        expect(outcome(payload, TEXT)).toBe(outcome(payload, BYTES));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives of a payload in pieces what it gives of the whole, or refuses it the same, wherever it is cut", () => {
    const outcome = (payload: Uint8Array | readonly Uint8Array[], format: ReadFormat): unknown => {
      try {
        const { failure, ...decoded } = decodeReadBatch(payload, format);
        return { ...(plain(decoded) as object), failure: failure?.message };
      } catch (error) {
        return (error as Error).name;
      }
    };
    const damaged = fc.tuple(anyWireBatch, fc.nat(), fc.option(fc.nat(255))).map(([batch, at, value]) => {
      const payload = encodeReadBatch(batch);
      if (payload.length > 0 && value !== null) payload[at % payload.length] = value;
      return payload;
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), sizes, (payload, steps) => {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < payload.length; ) {
          const end = at + steps[pieces.length % steps.length]!;
          pieces.push(payload.subarray(at, end));
          at = end;
        }
        for (const format of [TEXT, BYTES, SATURATED]) {
          expect(outcome(pieces, format)).toEqual(outcome(payload, format));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("copies only the record that is cut by the end of a piece", () => {
    const records = [1, 2, 3].map((seqNum) => record(seqNum, { body: new Uint8Array(50).fill(seqNum) }));
    const payload = encodeReadBatch({ records });
    const cut = 80;
    const decoded = decodeReadBatch([payload.subarray(0, cut), payload.subarray(cut)], BYTES);
    expect(decoded.records.map(({ body }) => body.buffer === payload.buffer)).toEqual([true, false, true]);
    expect(decoded.records.map(({ body }) => body[0])).toEqual([1, 2, 3]);
  });

  it("refuses a batch that was cut short", () => {
    const payload = encodeReadBatch({ records: [record(300, { headers: [[utf8("n"), utf8("v")]] })] });
    for (let length = 1; length < payload.length; length += 1) {
      expect(() => decodeReadBatch(payload.subarray(0, length), TEXT)).toThrow(
        expect.objectContaining({
          code: "PROTOCOL_ERROR",
          cause: expect.objectContaining({ code: "bad_proto" }),
        }),
      );
    }
  });

  it("reads a payload that begins inside a larger buffer", () => {
    const payload = encodeReadBatch({ records: [record(7, { body: utf8("inside a larger buffer") })] });
    const larger = new Uint8Array(payload.length + 20);
    larger.set(payload, 9);
    const view = larger.subarray(9, 9 + payload.length);
    expect(decodeReadBatch(view, TEXT).records[0]!.body).toBe("inside a larger buffer");
    expect(text(decodeReadBatch(view, BYTES).records[0]!.body)).toBe("inside a larger buffer");
  });
});

describe("encodeReadBatchFrame", () => {
  it("is the payload behind the head of a frame", () => {
    fc.assert(
      fc.property(anyWireBatch, (batch) => {
        const payload = encodeReadBatch(batch);
        const frame = encodeReadBatchFrame(batch);
        expect(toHex(frame.subarray(4))).toBe(toHex(payload));
        expect(toHex(frame.subarray(0, 4))).toBe(`${(payload.length + 1).toString(16).padStart(6, "0")}00`);
      }),
    );
  });
});

describe("readBatchFromJson", () => {
  it("gives from base64 what protobuf gives, unsafe integers included [G-12]", () => {
    fc.assert(
      fc.property(anyWireBatch, fc.constantFrom(BYTES, SATURATED), (batch, format) => {
        const json = readBatchFromJson(readBatchToJson(batch, "base64"), format);
        const proto = decodeReadBatch(encodeReadBatch(batch), format);
        expect(plain({ ...json, failure: json.failure?.message })).toEqual(
          plain({ ...proto, failure: proto.failure?.message }),
        );
      }),
    );
  });

  it("gives from raw what protobuf gives", () => {
    fc.assert(
      fc.property(safeWireBatch, (batch) => {
        const { records, tail } = readBatchFromJson(readBatchToJson(batch, "raw"), TEXT);
        const proto = decodeReadBatch(encodeReadBatch(batch), TEXT);
        expect({ records, tail }).toEqual({ records: proto.records, tail: proto.tail });
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["half a document", '{"records":[{"seq_num":1'],
    ["another document", '{"tail":{}}'],
    ["a list", "[]"],
    ["a record that is none", '{"records":[5]}'],
    ["a record without a number", '{"records":[{"timestamp":1}]}'],
    ["a quoted number", '{"records":[{"seq_num":"1","timestamp":1}]}'],
    ["a negative number", '{"records":[{"seq_num":-1,"timestamp":1}]}'],
    ["headers that are no pairs", '{"records":[{"seq_num":1,"timestamp":1,"headers":[["a"]]}]}'],
    ["a body that is no string", '{"records":[{"seq_num":1,"timestamp":1,"body":null}]}'],
    ["a tail that is none", '{"records":[],"tail":{"seq_num":1}}'],
  ])("refuses %s", (_, json) => {
    expect(() => readBatchFromJson(json, TEXT)).toThrow(expect.objectContaining({ code: "PROTOCOL_ERROR" }));
  });

  it("refuses base64 that is none", () => {
    const json = '{"records":[{"seq_num":1,"timestamp":1,"body":"YQ"}]}';
    expect(() => readBatchFromJson(json, BYTES)).toThrow(expect.objectContaining({ code: "PROTOCOL_ERROR" }));
  });
});
