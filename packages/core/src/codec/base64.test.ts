import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64, encodeByBtoa, writeBase64, writeByAtob } from "./base64.js";
import { utf8 } from "./vectors.fixture.js";

/** What the standard's own functions make of it. */
function reference(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

describe("base64", () => {
  it("encodes and decodes any bytes, natively and by what every runtime has", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = reference(bytes);
        expect(encodeBase64(bytes)).toBe(text);
        expect(encodeByBtoa(bytes)).toBe(text);
        expect(decodeBase64(text)).toEqual(bytes);
        const target = new Uint8Array(bytes.length + 3);
        expect(writeByAtob(target, text, 3, bytes.length)).toBe(bytes.length);
        expect(target.subarray(3)).toEqual(bytes);
      }),
    );
  });

  it("writes into memory that is there, from a place on", () => {
    const target = new Uint8Array(6);
    expect(writeBase64(target, "YWI=", 2)).toBe(2);
    expect(target).toEqual(Uint8Array.of(0, 0, 0x61, 0x62, 0, 0));
  });

  it("encodes a view by its own bytes", () => {
    expect(encodeBase64(utf8("xabcx").subarray(1, 4))).toBe("YWJj");
  });

  const refused = [
    "YQ",
    "YQ=",
    "Y===",
    "====",
    "=",
    "YQ==YQ==",
    "YW I=",
    "YWI\n",
    "YR==",
    "YWJ=",
    "_w==",
    "-_-_",
    "YWé=",
    "YW😀",
    "YWJjYQ=a",
  ];
  it.each(refused)("refuses %j", (text) => {
    expect(() => decodeBase64(text)).toThrow(
      expect.objectContaining({ code: "invalid", message: "invalid Base64 encoding" }),
    );
  });

  it("accepts exactly the texts that encoding its result gives back, natively and by what every runtime has", () => {
    const unit = fc.constantFrom("A", "B", "Y", "Q", "=", "/", "+", "-", "_", " ", "\n", "é", "0", "w", "ā");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        let decoded: Uint8Array | undefined;
        try {
          decoded = decodeBase64(text);
        } catch {
          expect(() => {
            if (reference(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))) !== text)
              throw new Error("not canonical");
          }).toThrow();
          return;
        }
        expect(encodeBase64(decoded)).toBe(text);
        expect(writeByAtob(new Uint8Array(decoded.length), text, 0, decoded.length)).toBe(decoded.length);
      }),
      { numRuns: 2000 },
    );
  });
});
