import { describe, expect, it } from "vitest";
import { appendInputFromJson } from "./append-input-json.js";
import { utf8 } from "./vectors.fixture.js";

describe("appendInputFromJson", () => {
  it("reads records, conditions and nulls where they are allowed", () => {
    const text = `{"later":{"x":[1]},"records":[
      {"timestamp":18446744073709551615,"headers":[["k","v"],["k",""]],"body":"héllo"},
      {"timestamp":null},{}],"match_seq_num":0,"fencing_token":""}`;
    expect(appendInputFromJson(text, "raw")).toEqual({
      records: [
        {
          timestamp: 2n ** 64n - 1n,
          headers: [
            [utf8("k"), utf8("v")],
            [utf8("k"), utf8("")],
          ],
          body: utf8("héllo"),
        },
        { timestamp: undefined, headers: [], body: utf8("") },
        { timestamp: undefined, headers: [], body: utf8("") },
      ],
      match_seq_num: 0,
      fencing_token: "",
    });
    const nulls = appendInputFromJson('{"records":[],"match_seq_num":null,"fencing_token":null}', "raw");
    expect(nulls).toEqual({ records: [], match_seq_num: undefined, fencing_token: undefined });
  });

  it("reads bodies and headers in base64", () => {
    const { records } = appendInputFromJson(
      '{"records":[{"headers":[["a2V5","/w=="]],"body":"AP8="}]}',
      "base64",
    );
    expect(records).toEqual([
      { timestamp: undefined, headers: [[utf8("key"), Uint8Array.of(0xff)]], body: Uint8Array.of(0, 0xff) },
    ]);
  });

  it.each([
    [
      "a null body",
      '{"records":[{"body":null}]}',
      "invalid type: null, expected a string at line 1 column 24",
    ],
    [
      "null headers",
      '{"records":[{"headers":null}]}',
      "invalid type: null, expected a sequence at line 1 column 27",
    ],
    ["no records", '{"match_seq_num":1}', "missing field `records` at line 1 column 19"],
    ["null records", '{"records":null}', "invalid type: null, expected a sequence at line 1 column 15"],
    [
      "a record that is none",
      '{"records":[1]}',
      "invalid type: integer `1`, expected struct AppendRecord at line 1 column 13",
    ],
    [
      "a document that is none",
      "[]",
      "invalid type: sequence, expected struct AppendInput at line 1 column 2",
    ],
    [
      "a quoted integer",
      '{"records":[],"match_seq_num":"1"}',
      'invalid type: string "1", expected u64 at line 1 column 33',
    ],
    [
      "a fraction",
      '{"records":[],"match_seq_num":1.0}',
      "invalid type: floating point `1.0`, expected u64 at line 1 column 33",
    ],
    [
      "an exponent",
      '{"records":[],"match_seq_num":1e3}',
      "invalid type: floating point `1e3`, expected u64 at line 1 column 33",
    ],
    [
      "a negative integer",
      '{"records":[],"match_seq_num":-1}',
      "invalid value: integer `-1`, expected u64 at line 1 column 32",
    ],
    [
      "more than 64 bits",
      '{"records":[],"match_seq_num":18446744073709551616}',
      "number out of range at line 1 column 50",
    ],
    [
      "a numeric token",
      '{"records":[],"fencing_token":true}',
      "invalid type: boolean `true`, expected a string at line 1 column 34",
    ],
    [
      "a header of one",
      '{"records":[{"headers":[["a"]]}]}',
      "invalid length 1, expected an array of length 2 at line 1 column 29",
    ],
    [
      "a header of three",
      '{"records":[{"headers":[["a","b","c"]]}]}',
      "invalid length 3, expected an array of length 2 at line 1 column 37",
    ],
    [
      "headers by name",
      '{"records":[{"headers":{"a":"b"}}]}',
      "invalid type: map, expected a sequence at line 1 column 32",
    ],
    ["a repeated key", '{"records":[],"records":[]}', "duplicate field `records` at line 1 column 23"],
    [
      "a lone surrogate",
      '{"records":[{"body":"\\ud800"}]}',
      "lone surrogate found in a string at line 1 column 28",
    ],
  ])("refuses %s", (_, text, message) => {
    expect(() => appendInputFromJson(text, "raw")).toThrow(
      expect.objectContaining({ code: "bad_json", message }),
    );
  });

  it("refuses base64 that is none with the code for rules", () => {
    expect(() => appendInputFromJson('{"records":[{"body":"YQ"}]}', "base64")).toThrow(
      expect.objectContaining({ code: "invalid", message: "invalid Base64 encoding" }),
    );
  });
});
