import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import { AppendRecord } from "../model/append-record.js";
import { MAX_BATCH_BYTES } from "../model/limits.js";
import { meteredBytes } from "../model/metering.js";
import type { AppendRecordInput } from "../model/record.js";
import { decodeFrame, onWire } from "./append-frame.fixture.js";
import { type AppendConditions, encodeAppendBatch } from "./append-input.js";
import { anyAppendRecord, anyText } from "./arbitraries.fixture.js";
import { plain, toHex, utf8 } from "./vectors.fixture.js";

function refusal(records: unknown, conditions?: unknown): S2Error {
  try {
    encodeAppendBatch(records as AppendRecordInput[], conditions as AppendConditions);
  } catch (error) {
    expect(error).toBeInstanceOf(S2Error);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", status: 400, origin: "sdk", sideEffect: "none" });
    return error as S2Error;
  }
  throw new Error("the batch was accepted");
}

describe("encodeAppendBatch", () => {
  it("gives a server every record as it was, with the metered size", () => {
    fc.assert(
      fc.property(fc.array(anyAppendRecord, { minLength: 1, maxLength: 20 }), (records) => {
        const batch = encodeAppendBatch(records);
        const input = decodeFrame(batch.frame);
        expect(plain(input.records)).toEqual(plain(records.map(onWire)));
        expect(batch.recordCount).toBe(records.length);
        expect(batch.meteredBytes).toBe(records.reduce((sum, record) => sum + meteredBytes(record), 0));
        expect(batch.conditional).toBe(false);
      }),
    );
  });

  it("carries both conditions", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), anyText, (seqNum, text) => {
        const token = text.slice(0, 12);
        const batch = encodeAppendBatch([{ body: "x" }], { match_seq_num: seqNum, fencing_token: token });
        const input = decodeFrame(batch.frame);
        expect(input.match_seq_num).toBe(seqNum);
        expect(input.fencing_token).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8(token)));
        expect(batch.conditional).toBe(true);
      }),
    );
  });

  it("sends zeros and the empty token, which are values", () => {
    const batch = encodeAppendBatch([{ body: "x", timestamp: 0 }], { match_seq_num: 0, fencing_token: "" });
    expect(toHex(batch.frame)).toBe("00000c00" + "0a050800" + "1a0178" + "1000" + "1a00");
    expect(batch.conditional).toBe(true);
  });

  it("takes null and undefined for absent conditions and timestamps", () => {
    const records = [{ body: "x", timestamp: null, headers: undefined }, { body: undefined }];
    const batch = encodeAppendBatch(records, { match_seq_num: null, fencing_token: undefined });
    expect(decodeFrame(batch.frame)).toEqual({
      records: [onWire({ body: "x" }), onWire({})],
      match_seq_num: undefined,
      fencing_token: undefined,
    });
    expect(batch.conditional).toBe(false);
  });

  it("takes the README's mixed record [D1-47]", () => {
    const batch = encodeAppendBatch([AppendRecord.make(new Uint8Array([1, 2, 3]), { type: "binary" })]);
    expect(decodeFrame(batch.frame).records).toEqual([
      { timestamp: undefined, headers: [[utf8("type"), utf8("binary")]], body: Uint8Array.of(1, 2, 3) },
    ]);
  });

  it("keeps duplicate headers, and a header called __proto__", () => {
    const pairs: [string, string][] = [
      ["k", "1"],
      ["k", "2"],
    ];
    const object = JSON.parse('{"__proto__":"safe"}') as Record<string, string>;
    const { records } = decodeFrame(encodeAppendBatch([{ headers: pairs }, { headers: object }]).frame);
    expect(records[0]!.headers).toEqual(pairs.map(([name, value]) => [utf8(name), utf8(value)]));
    expect(records[1]!.headers).toEqual([[utf8("__proto__"), utf8("safe")]]);
  });

  it("encodes headers of bytes as it does those of text, whatever their lengths", () => {
    const lengths = [0, 1, 2, 60, 61, 62, 63, 122, 123, 124, 127, 128, 16_383, 16_384];
    const pairs = lengths
      .flatMap((name) => lengths.map((value): [string, string] => ["n".repeat(name), "v".repeat(value)]))
      .map(([name, value]): [string, string] => (name === "" ? ["x", value] : [name, value]));
    for (const [name, value] of [...pairs, ["", "fence"] as const]) {
      const [text, bytes] = [[[name, value]], [[utf8(name), utf8(value)]]] as const;
      const [ofText, ofBytes] = [text, bytes].map((headers) => encodeAppendBatch([{ headers, body: "b" }]));
      expect(toHex(ofBytes!.frame)).toBe(toHex(ofText!.frame));
      expect(ofBytes!.meteredBytes).toBe(ofText!.meteredBytes);
    }
  });

  it("takes null for no condition in a record, and names that resemble one", () => {
    const records = [{ body: "x", match_seq_num: null, matched: 5, fencing: "a" }];
    expect(decodeFrame(encodeAppendBatch(records as AppendRecordInput[]).frame)).toEqual({
      records: [{ body: utf8("x"), headers: [], timestamp: undefined }],
    });
  });

  it("takes an empty record of another realm", () => {
    const [record, bytes] = runInNewContext("[{}, { body: new Uint8Array(3) }]") as AppendRecordInput[];
    expect(encodeAppendBatch([record, bytes] as AppendRecordInput[]).meteredBytes).toBe(8 + 11);
  });

  it("keeps what an object inherits out of the headers", () => {
    const headers = Object.create({ inherited: "no" }) as Record<string, string>;
    headers.own = "yes";
    expect(decodeFrame(encodeAppendBatch([{ headers }]).frame).records[0]!.headers).toEqual([
      [utf8("own"), utf8("yes")],
    ]);
  });

  it("stores a lone surrogate as U+FFFD, and meters it so", () => {
    for (const body of ["\ud800", `${"x".repeat(100)}\udc00`]) {
      const batch = encodeAppendBatch([{ body }]);
      expect(decodeFrame(batch.frame).records[0]!.body).toEqual(
        utf8(body.replace(/[\ud800\udc00]/u, "\ufffd")),
      );
      expect(batch.meteredBytes).toBe(8 + body.length - 1 + 3);
    }
  });

  it("never changes a frame it gave away", () => {
    const bodies = Array.from({ length: 300 }, (_, index) => String(index).repeat(1 + (index % 90) * 30));
    const batches = bodies.map((body) => encodeAppendBatch([{ body }]));
    batches.forEach((batch, index) => {
      expect(new TextDecoder().decode(decodeFrame(batch.frame).records[0]!.body)).toBe(bodies[index]);
    });
  });

  it("survives a record whose getter appends as well", () => {
    const inner: Uint8Array[] = [];
    const outer = encodeAppendBatch([
      { body: "before" },
      {
        get body() {
          inner.push(encodeAppendBatch([{ body: "inner" }]).frame);
          return "after";
        },
      },
    ]);
    expect(decodeFrame(outer.frame).records.map((record) => new TextDecoder().decode(record.body))).toEqual([
      "before",
      "after",
    ]);
    expect(decodeFrame(inner[0]!).records).toHaveLength(1);
  });

  it("encodes well after a refusal in the middle of a batch", () => {
    refusal([{ body: "good" }, { body: null }]);
    expect(decodeFrame(encodeAppendBatch([{ body: "next" }]).frame).records).toEqual([
      onWire({ body: "next" }),
    ]);
  });

  it("takes the largest batches that are legal", () => {
    const full = encodeAppendBatch([{ body: "x".repeat(MAX_BATCH_BYTES - 8) }]);
    expect(full.meteredBytes).toBe(MAX_BATCH_BYTES);
    expect(decodeFrame(full.frame).records[0]!.body.length).toBe(MAX_BATCH_BYTES - 8);
    const euros = encodeAppendBatch([{ body: "€".repeat((MAX_BATCH_BYTES - 8 - 2) / 3) }]);
    expect(euros.meteredBytes).toBe(MAX_BATCH_BYTES - 2);
    const many = encodeAppendBatch(Array.from({ length: 1000 }, () => ({ body: new Uint8Array(1040) })));
    expect(many).toMatchObject({ recordCount: 1000, meteredBytes: 1_048_000 });
    expect(decodeFrame(many.frame).records).toHaveLength(1000);
  });
});

describe("encodeAppendBatch refuses", () => {
  const x = { body: "x" };
  const cases: [what: string, records: unknown, conditions: unknown, ...parts: string[]][] = [
    ["what is no array", "abc", undefined, "records", '"abc"'],
    ["an empty batch", [], undefined, "1 to 1000", "an array of 0"],
    ["1001 records", Array.from({ length: 1001 }, () => x), undefined, "1001", "1000"],
    ["a record that is no object", [x, "text"], undefined, "records[1]", '"text"'],
    ["a hole in the records", Object.assign(Array(3), { 0: x, 2: x }), undefined, "records[1]", "undefined"],
    [
      "a condition in a record",
      [x, { body: "x", match_seq_num: 0 }],
      undefined,
      "records[1]",
      "match_seq_num",
    ],
    [
      "a token in a record",
      [{ id: 1, body: "x", fencing_token: "" }],
      undefined,
      "records[0]",
      "fencing_token",
    ],
    [
      "a condition that a record inherits",
      [Object.create({ body: "x", match_seq_num: 5 })],
      undefined,
      "records[0]",
      "match_seq_num",
    ],
    ["a null body", [{ body: null }], undefined, "records[0].body", "null"],
    ["a numeric body", [x, { body: 7 }], undefined, "records[1].body", "7"],
    ["bytes of another width", [{ body: new Uint16Array(2) }], undefined, "records[0].body"],
    [
      "a body one byte too large",
      [{ body: "x".repeat(MAX_BATCH_BYTES - 7) }],
      undefined,
      "records[0]",
      "1048577",
      "1048576",
    ],
    [
      "a body too large as UTF-8",
      [{ body: "€".repeat(349_523) }],
      undefined,
      "records[0]",
      "1048577",
      "1048576",
    ],
    [
      "a body far too large",
      [{ body: "x".repeat(5_000_000) }],
      undefined,
      "records[0]",
      "5000008",
      "1048576",
    ],
    [
      "a batch one byte too large",
      [{ body: new Uint8Array(524_280) }, { body: new Uint8Array(524_281) }],
      undefined,
      "records[1]",
      "1048577",
      "1048576",
    ],
    [
      "headers too large",
      [
        {
          headers: [
            ["a", new Uint8Array(600_000)],
            ["b", new Uint8Array(600_000)],
          ],
        },
      ],
      undefined,
      "records[0]",
      "1048576",
    ],
    ["null headers", [{ headers: null }], undefined, "records[0].headers", "null"],
    [
      "a Map of headers",
      [{ headers: new Map([["a", "b"]]) }],
      undefined,
      "records[0].headers",
      "[object Map]",
    ],
    ["text for headers", [{ headers: "a=b" }], undefined, "records[0].headers", '"a=b"'],
    ["a header that is no pair", [{ headers: [["a", "b"], ["a"]] }], undefined, "records[0].headers[1]"],
    [
      "a header value of another type",
      [{ headers: { a: 1 } }],
      undefined,
      "records[0].headers[0] value",
      "1",
    ],
    [
      "a header name of another type",
      [{ headers: [[1, "a"]] }],
      undefined,
      "records[0].headers[0] name",
      "1",
    ],
    [
      "an empty header name among others",
      [
        {
          headers: [
            ["a", "b"],
            ["", "fence"],
          ],
        },
      ],
      undefined,
      "records[0].headers",
      "empty name",
    ],
    ["an unknown command", [{ headers: [["", "drop"]] }], undefined, "records[0]", '"drop"'],
    [
      "a fence of 37 bytes",
      [{ headers: [["", "fence"]], body: "x".repeat(37) }],
      undefined,
      "records[0].body",
      "37",
      "36",
    ],
    [
      "a fence that is not UTF-8",
      [{ headers: [["", "fence"]], body: Uint8Array.of(0xff) }],
      undefined,
      "records[0].body",
      "UTF-8",
    ],
    [
      "a trim of seven bytes",
      [{ headers: { "": "trim" }, body: new Uint8Array(7) }],
      undefined,
      "records[0].body",
      "8",
      "7",
    ],
    ["a trim without a body", [{ headers: [["", utf8("trim")]] }], undefined, "records[0].body", "8", "0"],
    ["a negative timestamp", [{ timestamp: -1 }], undefined, "records[0].timestamp", "-1"],
    ["a fractional timestamp", [{ timestamp: 1.5 }], undefined, "records[0].timestamp", "1.5"],
    [
      "a timestamp that is not a number",
      [{ timestamp: Number.NaN }],
      undefined,
      "records[0].timestamp",
      "NaN",
    ],
    ["an unsafe timestamp", [{ timestamp: 2 ** 53 }], undefined, "records[0].timestamp", "9007199254740992"],
    [
      "a timestamp beyond 64 bits",
      [{ timestamp: 2n ** 64n }],
      undefined,
      "records[0].timestamp",
      "18446744073709551616n",
    ],
    ["a Date for a timestamp", [{ timestamp: new Date(0) }], undefined, "records[0].timestamp"],
    ["a fencing token of 37 bytes", [x], { fencing_token: "x".repeat(37) }, "fencing_token", "36"],
    [
      "a fencing token of 37 bytes in UTF-8",
      [x],
      { fencing_token: `${"€".repeat(12)}x` },
      "fencing_token",
      "36",
    ],
    ["a fencing token that is no string", [x], { fencing_token: 5 }, "fencing_token", "5"],
    ["a negative match_seq_num", [x], { match_seq_num: -1 }, "match_seq_num", "-1"],
    ["an unsafe match_seq_num", [x], { match_seq_num: 2 ** 53 }, "match_seq_num", "9007199254740992"],
    ["a match_seq_num that is not a number", [x], { match_seq_num: Number.NaN }, "match_seq_num", "NaN"],
    ["a match_seq_num in quotes", [x], { match_seq_num: "0" }, "match_seq_num", '"0"'],
  ];
  it.each(cases)("%s", (_, records, conditions, ...parts) => {
    const { message } = refusal(records, conditions);
    for (const part of parts) expect(message).toContain(part);
  });

  it("a record that cannot be read, with what its getter threw", () => {
    const cause = new Error("detached");
    const record = {
      get body(): string {
        throw cause;
      },
    };
    const error = refusal([x, record]);
    expect(error.message).toBe("records could not be read: detached");
    expect(error.cause).toBe(cause);
  });

  it("a legal batch whose encoded form is too large [H-14]", () => {
    // Four metered bytes a header, eight encoded: with a timestamp it fits exactly, and no condition fits with it.
    const headers = Array.from({ length: 262_142 }, (): [string, string] => ["k", "v"]);
    const records = [{ headers, timestamp: 2n ** 64n - 1n }];
    const batch = encodeAppendBatch(records);
    expect(batch).toMatchObject({ recordCount: 1, meteredBytes: MAX_BATCH_BYTES });
    expect(batch.frame.length).toBe(4 + 2_097_151);
    const { message } = refusal(records, { match_seq_num: 0 });
    expect(message).toContain("2097153");
    expect(message).toContain("2097151");
  });
});
