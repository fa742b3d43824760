import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, parseJsonExactly, positionFromJson, stringifyJson, unsignedFromJson } from "./json.js";
import { jsonErrorAt, parseJsonTree } from "./json-tree.js";

describe("parseJson", () => {
  it("reads what JSON.parse reads, by the quick way and by the exact one", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        const safe = text.replace(/\d{15,}/g, "7");
        const expected: unknown = JSON.parse(safe);
        expect(parseJson(safe)).toEqual(expected);
        expect(parseJsonExactly(safe)).toEqual(expected);
      }),
    );
  });

  it("gives an integer beyond 2^53-1 as a bigint, wherever it stands", () => {
    const big = "18446744073709551615";
    expect(parseJson(big)).toBe(2n ** 64n - 1n);
    expect(parseJson(`{"a":[1,{"b": ${big}}],"c":-9007199254740993}`)).toEqual({
      a: [1, { b: 2n ** 64n - 1n }],
      c: -9007199254740993n,
    });
    expect(parseJson("[9007199254740991,9007199254740992]")).toEqual([9007199254740991, 9007199254740992n]);
  });

  it("finds every long integer, and nothing else, in any JSON", () => {
    const digits = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string({ unit: "binary" }), digits, (value, key, big) => {
        const text = `{"x": ${JSON.stringify(value)}, ${JSON.stringify(`k${key}`)} :[${big},${JSON.stringify(key)}]}`;
        const exact = Number.isSafeInteger(Number(big)) ? Number(big) : big;
        const { x, [`k${key}`]: rest } = parseJsonExactly(text) as Record<string, unknown>;
        expect(x).toEqual(withExactIntegers(JSON.parse(JSON.stringify(value))));
        expect(rest).toEqual([exact, key]);
      }),
    );
  });

  it("keeps fractions and exponents numbers", () => {
    expect(parseJson("[1234567890123456.5, 1e20, 1234567890123456e3]")).toEqual([
      1234567890123456.5, 1e20, 1234567890123456000,
    ]);
  });

  it("leaves digits in strings alone, and takes what JSON.parse takes", () => {
    const text =
      '{"a":"x:18446744073709551615","b":"\\ud800","k":1,"k":18446744073709551615,"__proto__":{"x":1}}';
    const parsed = parseJson(text) as Record<string, unknown>;
    expect(parsed.a).toBe("x:18446744073709551615");
    expect(parsed.b).toBe("\ud800");
    expect(parsed.k).toBe(2n ** 64n - 1n);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toContain("__proto__");
  });

  it.each(["", "{", "nul", "[1,]", "{'a':1}", "[18446744073709551615", "01", "\u00a01"])(
    "refuses %j",
    (text) => {
      expect(() => parseJson(text)).toThrow(
        expect.objectContaining({ name: "CodecError", code: "bad_json" }),
      );
    },
  );
});

/** A double that is written without fraction or exponent is an integer, of which every digit counts. */
function withExactIntegers(value: unknown): unknown {
  if (typeof value === "number") {
    const text = JSON.stringify(value);
    return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
  }
  if (Array.isArray(value)) return value.map(withExactIntegers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withExactIntegers(member)]));
}

describe("stringifyJson", () => {
  it("writes what JSON.stringify writes, and bigints as bare numbers", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(stringifyJson(value)).toBe(JSON.stringify(value));
        expect(stringifyJson({ value, big: 2n ** 64n })).toBe(
          `{"value":${JSON.stringify(value)},"big":18446744073709551616}`,
        );
      }),
    );
    expect(stringifyJson({ a: undefined, b: [1n, undefined, null] })).toBe('{"b":[1,null,null]}');
  });
});

describe("parseJsonTree", () => {
  it.each([
    ["{", "EOF while parsing an object at line 1 column 1"],
    ["", "EOF while parsing a value at line 1 column 0"],
    ["[1", "EOF while parsing a list at line 1 column 2"],
    ['"a', "EOF while parsing a string at line 1 column 2"],
    ["[1 2]", "expected `,` or `]` at line 1 column 4"],
    ['{"a" 1}', "expected `:` at line 1 column 6"],
    ["{1:2}", "key must be a string at line 1 column 2"],
    ['{\n  "é": x}', "expected value at line 2 column 9"],
    ["[01]", "invalid number at line 1 column 3"],
    ["[1.]", "invalid number at line 1 column 3"],
    ["1 1", "trailing characters at line 1 column 3"],
    ['"\\q"', "invalid escape at line 1 column 3"],
    ['"\\u12x4"', "invalid escape at line 1 column 3"],
    ['"a\u0001"', "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3"],
    ['{"a":1,"a":2}', "duplicate field `a` at line 1 column 10"],
    ['"\\ud800x"', "lone surrogate found in a string at line 1 column 9"],
    ['"\\udc00"', "lone surrogate found in a string at line 1 column 8"],
    ["nul", "expected ident at line 1 column 1"],
    ["-", "invalid number at line 1 column 1"],
  ])("refuses %j", (text, message) => {
    expect(() => parseJsonTree(text)).toThrow(expect.objectContaining({ code: "bad_json", message }));
  });

  it("bounds the depth", () => {
    expect(() => parseJsonTree("[".repeat(100_000))).toThrow(/recursion limit/);
    expect(parseJsonTree(`${"[".repeat(120)}${"]".repeat(120)}`).kind).toBe("array");
  });

  it("takes surrogates in pairs, escaped or not", () => {
    expect(parseJsonTree('"\\ud83d\\ude00😀"')).toMatchObject({ kind: "string", value: "😀😀" });
  });

  it("says where each value ends", () => {
    const tree = parseJsonTree('{"a":null, "b":[1]}');
    expect(tree).toMatchObject({ kind: "object", end: 19 });
    expect(tree.kind === "object" && tree.entries.get("a")).toEqual({ kind: "null", end: 9 });
  });

  it("takes a megabyte of text with escapes in linear time [G-13]", () => {
    const text = JSON.stringify({ body: "line\n".repeat(200_000) });
    expect(parseJsonTree(text)).toMatchObject({ kind: "object" });
  });
});

describe("jsonErrorAt", () => {
  it("counts lines from 1 and columns in bytes", () => {
    expect(jsonErrorAt("ab\ncéd", 6, "wrong").message).toBe("wrong at line 2 column 4");
  });
});

describe("positionFromJson", () => {
  it("reads positions, and names what no number can hold", () => {
    expect(positionFromJson({ seq_num: 1, timestamp: 2 }, "tail", "error")).toEqual({
      seq_num: 1,
      timestamp: 2,
    });
    const late = { seq_num: 1, timestamp: 2n ** 63n };
    expect(() => positionFromJson(late, "tail", "error")).toThrow(
      expect.objectContaining({
        code: "UNSAFE_INTEGER",
        message: expect.stringContaining("tail.timestamp is 9223372036854775808"),
      }),
    );
    expect(positionFromJson(late, "tail", "saturate")).toEqual({
      seq_num: 1,
      timestamp: Number.MAX_SAFE_INTEGER,
    });
    expect(() => positionFromJson({ seq_num: 2n ** 53n, timestamp: 2 }, "tail", "saturate")).toThrow(
      /tail\.seq_num is 9007199254740992/,
    );
  });

  it.each([
    null,
    [],
    5,
    {},
    { seq_num: "1", timestamp: 1 },
    { seq_num: 1.5, timestamp: 1 },
    { seq_num: -1n, timestamp: 1 },
  ])("refuses %s", (value) => {
    expect(() => positionFromJson(value, "tail", "error")).toThrow(
      expect.objectContaining({ code: "PROTOCOL_ERROR" }),
    );
  });

  it("takes single integers too", () => {
    expect(unsignedFromJson(0, "n", "error")).toBe(0);
    expect(unsignedFromJson(2n ** 64n - 1n, "n", "saturate")).toBe(Number.MAX_SAFE_INTEGER);
  });
});
