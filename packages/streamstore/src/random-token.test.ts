import { describe, expect, it } from "vitest";
import { randomFencingToken, randomToken } from "./random-token.js";

describe("a random token", () => {
  it("is as many bytes as asked for, in base64, and never the same", () => {
    expect(atob(randomToken())).toHaveLength(16);
    expect(atob(randomToken(5))).toHaveLength(5);
    expect(new Set(Array.from({ length: 100 }, () => randomToken())).size).toBe(100);
  });

  it.each([0, -1, 0.5, Number.NaN, 65_537])("refuses %s bytes", (size) => {
    expect(() => randomToken(size)).toThrow(/bytes must be an integer from 1 to 65536/);
  });
});

describe("a random fencing token", () => {
  it("is letters and digits, as many as asked for, by default the most there may be", () => {
    for (let length = 1; length <= 36; length += 1) {
      expect(randomFencingToken(length)).toMatch(new RegExp(`^[A-Za-z0-9]{${length}}$`));
    }
    expect(randomFencingToken()).toHaveLength(36);
    expect(new Set(Array.from({ length: 100 }, () => randomFencingToken())).size).toBe(100);
  });

  it("uses every letter and digit", () => {
    const seen = new Set(Array.from({ length: 200 }, () => randomFencingToken()).join(""));
    expect(seen.size).toBe(62);
  });

  it.each([0, 37, Number.POSITIVE_INFINITY])("refuses a length of %s", (length) => {
    expect(() => randomFencingToken(length)).toThrow(/length must be an integer from 1 to 36/);
  });
});
