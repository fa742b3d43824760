import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadFormat, RecordFormat } from "../model/record.js";
import { anyWireBatch, safeWireBatch } from "./arbitraries.fixture.js";
import { readBatchToJson, readUnmeteredFromJson } from "./json-records.js";
import { scanReadBatch } from "./json-scan.js";
import { plain, utf8 } from "./vectors.fixture.js";

const TEXT: ReadFormat<"string"> = { as: "string", unsafeTimestamps: "error" };
const BYTES: ReadFormat<"bytes"> = { as: "bytes", unsafeTimestamps: "error" };

/** As an event carries it: something before it, a line feed and the next event behind it. */
function scan<F extends RecordFormat>(json: string, format: ReadFormat<F>) {
  const bytes = utf8(`data: ${json}\nid: 1,1,1\n\ndata: {"records":[]}\n`);
  return scanReadBatch(bytes, 6, 6 + utf8(json).length, format);
}

function general<F extends RecordFormat>(json: string, format: ReadFormat<F>) {
  return readUnmeteredFromJson(json, format);
}

describe("scanReadBatch", () => {
  it("gives the records that parsing the JSON gives, as bytes", () => {
    fc.assert(
      fc.property(safeWireBatch, (batch) => {
        const json = readBatchToJson(batch, "base64");
        const scanned = scan(json, BYTES);
        const isScannable = !/\d{16}/.test(json.replace(/"[^"]*"/g, ""));
        expect(scanned !== undefined).toBe(isScannable);
        if (scanned === undefined) return;
        const expected = general(json, BYTES);
        expect(plain(scanned.records)).toEqual(plain(expected.records));
        expect(scanned.tail).toEqual(expected.tail);
      }),
    );
  });

  it("gives the records that parsing the JSON gives, as text", () => {
    fc.assert(
      fc.property(anyWireBatch, (batch) => {
        const json = readBatchToJson(batch, "raw");
        const scanned = scan(json, TEXT);
        if (scanned !== undefined) expect(scanned).toEqual(general(json, TEXT));
      }),
    );
  });

  it.each([
    ['{"records":[]}', []],
    ['{"records":[{"seq_num":0,"timestamp":0}]}', [""]],
    [
      '{"records":[{"seq_num":1,"timestamp":2,"body":"a"},{"seq_num":2,"timestamp":2,"body":"b"}]}',
      ["a", "b"],
    ],
    ['{"records":[{"seq_num":1,"timestamp":2,"body":"\\"\\\\\\n\\u00e9\\ud83c\\udf89"}]}', ['"\\\né🎉']],
    [
      '{"records":[{"seq_num":1,"timestamp":2,"body":"\ufeffé🎉"}],"tail":{"seq_num":2,"timestamp":2}}',
      ["\ufeffé🎉"],
    ],
    [
      '{"records":[{"seq_num":999999999999999,"timestamp":2,"headers":[["a","b"],["a",""]],"body":"x"}]}',
      ["x"],
    ],
    ['{"records":[{"seq_num":1,"timestamp":2,"headers":[["__proto__","b"]]}]}', [""]],
  ])("reads %s itself", (json, bodies) => {
    const scanned = scan(json, TEXT);
    expect(scanned?.records.map(({ body }) => body)).toEqual(bodies);
    expect(scanned).toEqual(general(json, TEXT));
  });

  it("takes control characters as they are, which an event can carry and JSON cannot", () => {
    const scanned = scan('{"records":[{"seq_num":1,"timestamp":2,"body":"a\tb\u0000"}]}', TEXT);
    expect(scanned?.records[0]?.body).toBe("a\tb\u0000");
  });

  it("finds the escapes of each text", () => {
    const bodies = ["plain", 'a "quoted" word', "plain", "\\", '"', "plain", "tab\t"];
    const records = bodies.map((body, index) => ({
      seq_num: index,
      timestamp: 1,
      headers: [[body, body]],
      body,
    }));
    expect(scan(JSON.stringify({ records }), TEXT)?.records.map(({ body }) => body)).toEqual(bodies);
  });

  it.each([
    ["white space", '{"records": []}'],
    ["another order", '{"tail":{"seq_num":1,"timestamp":1},"records":[]}'],
    ["another order in a record", '{"records":[{"timestamp":2,"seq_num":1}]}'],
    ["an unknown member", '{"records":[{"seq_num":1,"timestamp":2,"more":1}]}'],
    ["an unknown member behind", '{"records":[],"more":1}'],
    ["a member twice", '{"records":[{"seq_num":1,"timestamp":2,"body":"a","body":"b"}]}'],
    ["an integer of 16 digits", '{"records":[{"seq_num":9007199254740993,"timestamp":2}]}'],
    ["a timestamp of 20 digits", '{"records":[{"seq_num":1,"timestamp":18446744073709551615}]}'],
    ["a tail of 16 digits", '{"records":[],"tail":{"seq_num":9007199254740993,"timestamp":1}}'],
    ["a leading zero", '{"records":[{"seq_num":01,"timestamp":2}]}'],
    ["a fraction", '{"records":[{"seq_num":1.5,"timestamp":2}]}'],
    ["an exponent", '{"records":[{"seq_num":1e3,"timestamp":2}]}'],
    ["a sign", '{"records":[{"seq_num":-1,"timestamp":2}]}'],
    ["no number", '{"records":[{"seq_num":,"timestamp":2}]}'],
    ["an empty list of headers", '{"records":[{"seq_num":1,"timestamp":2,"headers":[]}]}'],
    ["a header of three", '{"records":[{"seq_num":1,"timestamp":2,"headers":[["a","b","c"]]}]}'],
    ["a null tail", '{"records":[],"tail":null}'],
    ["a null body", '{"records":[{"seq_num":1,"timestamp":2,"body":null}]}'],
    ["a comma too many", '{"records":[{"seq_num":1,"timestamp":2},]}'],
    ["a wrong escape", '{"records":[{"seq_num":1,"timestamp":2,"body":"\\x"}]}'],
    ["an escape at the end", '{"records":[{"seq_num":1,"timestamp":2,"body":"a\\'],
    ["a text that does not end", '{"records":[{"seq_num":1,"timestamp":2,"body":"a'],
    ["something behind", '{"records":[]}}'],
    ["something else", "[DONE]"],
    ["nothing", ""],
  ])("leaves %s to the parser", (_what, json) => {
    expect(scan(json, TEXT)).toBeUndefined();
  });

  it.each([
    "a",
    "ab",
    "abc",
    "abc=",
    "ab==",
    "a===",
    "====",
    "ab=c",
    "YR==",
    "YWJ=",
    "YW-j",
    "YW_j",
    "YW j",
    "YWJjYQ",
  ])("takes %j only if it is padded base64 without stray bits", (body) => {
    const json = `{"records":[{"seq_num":1,"timestamp":2,"body":"${body}"}]}`;
    const scanned = scan(json, BYTES);
    let expected: unknown;
    try {
      expected = plain(general(json, BYTES).records);
    } catch {
      expect(scanned).toBeUndefined();
      return;
    }
    expect(plain(scanned?.records ?? [])).toEqual(expected);
  });

  it("cuts nothing short that is cut short: every beginning is left to the parser", () => {
    const json = '{"records":[{"seq_num":1,"timestamp":2,"headers":[["YQ==","YWI="]],"body":"YWJj"}]}';
    for (let length = 0; length < json.length; length += 1) {
      expect(scan(json.slice(0, length), TEXT)).toBeUndefined();
      expect(scan(json.slice(0, length), BYTES)).toBeUndefined();
    }
    expect(scan(json, BYTES)?.records).toHaveLength(1);
  });
});
