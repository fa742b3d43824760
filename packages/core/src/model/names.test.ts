import { describe, expect, it } from "vitest";
import type { S2Error } from "../error/s2-error.js";
import { checkBoolean, checkInteger } from "./checks.js";
import { checkFencingToken } from "./fencing-token.js";
import {
  checkAccessTokenId,
  checkAccessTokenPrefix,
  checkBasinPrefix,
  checkLocation,
  checkPageLimit,
  checkRequestToken,
  checkStreamPrefix,
} from "./managed-names.js";
import { checkBasinName, checkStreamName } from "./names.js";

type NameCheck = (value: unknown, field?: string) => void;

function refusal(check: NameCheck, value: unknown): S2Error | undefined {
  try {
    check(value);
  } catch (thrown) {
    return thrown as S2Error;
  }
  return undefined;
}

interface Rule {
  readonly check: NameCheck;
  readonly field: string;
  readonly good: readonly unknown[];
  /** With what the message must say besides field and value. */
  readonly bad: readonly (readonly [value: unknown, limit: string])[];
}

const euro = "\u20ac"; // three bytes

const rules: Readonly<Record<string, Rule>> = {
  "basin name": {
    check: checkBasinName,
    field: "basin",
    good: ["a-basin1", "0".repeat(8), "a".repeat(48), "a------b"],
    bad: [
      ["short-1", "8 to 48 bytes"],
      ["a".repeat(49), "8 to 48 bytes"],
      ["-leading1", "begin and end with a letter or digit"],
      ["trailing-", "begin and end with a letter or digit"],
      ["UPPERCASE", "a-z, 0-9"],
      ["under_score", "a-z, 0-9"],
      ["with.dots1", "a-z, 0-9"],
      ["a-basin1\n", "a-z, 0-9"],
      [undefined, "8 to 48 bytes"],
      [12345678, "8 to 48 bytes"],
    ],
  },
  "basin prefix": {
    check: checkBasinPrefix,
    field: "prefix",
    good: ["", "a", "a-", "a".repeat(48)],
    bad: [
      ["-a", "not begin with a hyphen"],
      ["a".repeat(49), "0 to 48 bytes"],
      ["A", "a-z, 0-9"],
      [null, "0 to 48 bytes"],
    ],
  },
  "stream name": {
    check: checkStreamName,
    field: "stream",
    good: ["s", "a/b c", "...", "x".repeat(512), euro.repeat(170), "\u{1f600}", " "],
    bad: [
      ["", "1 to 512 bytes"],
      ["x".repeat(513), "1 to 512 bytes"],
      [euro.repeat(171), "1 to 512 bytes"],
      [".", 'not be "." or ".."'],
      ["..", 'not be "." or ".."'],
      ["a\0b", "NUL"],
      ["\ud800", "surrogate"],
      [7, "text"],
    ],
  },
  "stream prefix": {
    check: checkStreamPrefix,
    field: "prefix",
    good: ["", ".", "..", "x".repeat(512)],
    bad: [
      ["x".repeat(513), "0 to 512 bytes"],
      ["\0", "NUL"],
      [null, "text"],
    ],
  },
  "access token id": {
    check: checkAccessTokenId,
    field: "id",
    good: ["t", "x".repeat(96), euro.repeat(32)],
    bad: [
      ["", "1 to 96 bytes"],
      ["x".repeat(97), "1 to 96 bytes"],
      [euro.repeat(33), "1 to 96 bytes"],
      ["..", 'not be "." or ".."'],
      ["\0", "NUL"],
    ],
  },
  "access token prefix": {
    check: checkAccessTokenPrefix,
    field: "prefix",
    good: ["", "..", "x".repeat(96)],
    bad: [["x".repeat(97), "0 to 96 bytes"]],
  },
  location: {
    check: checkLocation,
    field: "location",
    good: ["aws:us-east-1", "x", "a.b:c-D9", "x".repeat(64)],
    bad: [
      ["", "1 to 64"],
      ["x".repeat(65), "1 to 64"],
      ["a_b", "letters, digits, colons, hyphens and dots"],
      ["\u00e9", "ASCII"],
      [null, "1 to 64"],
    ],
  },
  "fencing token": {
    check: checkFencingToken,
    field: "fencing_token",
    good: ["", "x".repeat(36), euro.repeat(12)],
    bad: [
      ["x".repeat(37), "at most 36 bytes"],
      [euro.repeat(13), "at most 36 bytes"],
      [null, "at most 36 bytes"],
    ],
  },
  "request token": {
    check: checkRequestToken,
    field: "s2-request-token",
    good: ["", "tok-1", "x".repeat(36)],
    bad: [
      ["x".repeat(37), "at most 36"],
      ["two words", "without spaces"],
      ["\u00e9", "ASCII"],
    ],
  },
  "page limit": {
    check: checkPageLimit,
    field: "limit",
    // The service takes both for 1000.
    good: [0, 1, 1000, 1001],
    bad: [
      [-1, "1000"],
      [1.5, "whole number"],
      [Number.NaN, "whole number"],
      [Number.POSITIVE_INFINITY, "whole number"],
      ["10", "whole number"],
    ],
  },
};

describe.each(Object.entries(rules))("a %s", (_, rule) => {
  it.each(rule.good.map((value) => [value]))("may be %j", (value) => {
    expect(refusal(rule.check, value)).toBeUndefined();
  });

  it.each(rule.bad)("is refused when it is %j, naming field, value and limit", (value, limit) => {
    const error = refusal(rule.check, value);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", status: 400, origin: "sdk", sideEffect: "none" });
    expect(error?.message).toContain(`${rule.field} must`);
    expect(error?.message).toContain(limit);
    expect(error?.message).toContain(typeof value === "string" ? value.slice(0, 30) : String(value));
  });
});

describe("a check", () => {
  it("names the field it is told to name", () => {
    expect(() => checkStreamName("", "start_after")).toThrow("start_after must be 1 to 512 bytes of UTF-8");
  });

  it("tells the size of a long text", () => {
    expect(() => checkStreamName(euro.repeat(171))).toThrow("(513 bytes)");
  });

  it("refuses integers that are unsafe, fractional, negative or beyond the limit", () => {
    for (const value of [2 ** 53, 0.5, -1, 11, Number.NaN, "1", 1n, null]) {
      expect(() => checkInteger(value, "count", 0, 10)).toThrow("count must be an integer from 0 to 10; got");
    }
    expect(() => checkInteger(0, "count")).not.toThrow();
    expect(() => checkInteger(2 ** 53 - 1, "count")).not.toThrow();
    expect(() => checkInteger(2 ** 53, "count")).toThrow(String(2 ** 53 - 1));
  });

  it("takes nothing but true and false for a boolean", () => {
    expect(() => checkBoolean("true", "clamp")).toThrow('clamp must be true or false; got "true"');
    expect(() => checkBoolean(null, "clamp")).toThrow("got null");
    expect(() => checkBoolean(false, "clamp")).not.toThrow();
  });
});
