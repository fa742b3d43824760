import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppendRecord } from "./append-record.js";
import { maxBodyBytes, meteredBytes, utf8ByteLength } from "./metering.js";
import type { BytesReadRecord, StringReadRecord } from "./record.js";
import { countUtf8Bytes } from "./utf8.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("utf8ByteLength", () => {
  it("is what the standard encoder makes, for any text", () => {
    const anyUnits = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(anyUnits, fc.string({ unit: "binary", maxLength: 60 })), (text) => {
        expect(utf8ByteLength(text)).toBe(utf8(text).length);
        expect(countUtf8Bytes(text)).toBe(utf8(text).length);
      }),
    );
  });

  it("counts a lone surrogate as three bytes wherever it stands", () => {
    const long = "x".repeat(30);
    for (const text of ["\ud800", "\udc00", "\ud800\ud800\udc00", "\udc00\ud800"]) {
      const expected = text === "\ud800\ud800\udc00" ? 7 : 3 * text.length;
      expect(utf8ByteLength(text)).toBe(expected);
      expect(utf8ByteLength(long + text)).toBe(30 + expected);
    }
  });
});

describe("meteredBytes", () => {
  it("is 8, 2 for each header, and the bytes of names, values and body", () => {
    expect(meteredBytes({})).toBe(8);
    expect(meteredBytes({ body: "héllo" })).toBe(8 + 6);
    expect(meteredBytes({ body: Uint8Array.of(1, 2, 3), headers: { type: "binary" } })).toBe(8 + 2 + 10 + 3);
    expect(
      meteredBytes({
        headers: [
          ["k", "v"],
          [utf8("k"), new Uint8Array(0)],
        ],
      }),
    ).toBe(8 + 2 + 2 + 2 + 1);
  });

  it("is what the service says of commands", () => {
    expect(meteredBytes(AppendRecord.fence("tok"))).toBe(15 + 3);
    expect(meteredBytes(AppendRecord.trim(1))).toBe(22);
  });

  it("counts duplicate headers of a record that was read", () => {
    const headerList: [string, string][] = [
      ["k", "1"],
      ["k", "22"],
    ];
    const text: StringReadRecord = { seq_num: 0, timestamp: 0, body: "b", headers: { k: "22" }, headerList };
    expect(meteredBytes(text)).toBe(8 + 4 + 5 + 1);
    const pairs = headerList.map(([name, value]): [Uint8Array, Uint8Array] => [utf8(name), utf8(value)]);
    const bytes: BytesReadRecord = {
      seq_num: 0,
      timestamp: 0,
      body: utf8("b"),
      headers: pairs,
      headerList: pairs,
    };
    expect(meteredBytes(bytes)).toBe(8 + 4 + 5 + 1);
  });
});

describe("maxBodyBytes", () => {
  it("is what headers leave of a record's limit, to the byte", () => {
    expect(maxBodyBytes()).toBe(1_048_568);
    for (const headers of [[["n\u00e4me", "v"]], { a: "1", b: utf8("2") }, []] as const) {
      const body = "x".repeat(maxBodyBytes(headers));
      expect(meteredBytes({ body, headers })).toBe(1_048_576);
    }
  });

  it("refuses headers that take more by themselves", () => {
    expect(maxBodyBytes([["", "x".repeat(1_048_566)]])).toBe(0);
    expect(() => maxBodyBytes([["", "x".repeat(1_048_567)]])).toThrow(/1048577.*1048576/);
  });
});
