import { describe, expect, test } from "vitest";
import {
  basinNameFault,
  fencingTokenFault,
  locationFault,
  requestTokenFault,
  streamNameFault,
  tokenIdFault,
} from "./names.js";

describe("basin names", () => {
  test.each(["abcdefgh", "1abcdefg", "abcd-efg", "a".repeat(48)])("accepts %s", (name) => {
    expect(basinNameFault(name)).toBeUndefined();
  });

  test.each([
    ["abcdefg", "at least 8 bytes"],
    ["a".repeat(49), "not exceed 48 bytes"],
    ["Abcdefgh", "begin with a lowercase letter or number"],
    ["-abcdefgh", "begin with a lowercase letter or number"],
    ["abcdefg-", "end with a lowercase letter or number"],
    ["abcd_efg", "comprise lowercase letters"],
  ])("refuses %s", (name, why) => {
    expect(basinNameFault(name)).toContain(why);
  });

  test("lets a prefix be empty, short or end with a hyphen, but not begin with one", () => {
    for (const prefix of ["", "a", "ab-"]) expect(basinNameFault(prefix, "prefix")).toBeUndefined();
    expect(basinNameFault("-a", "prefix")).toContain("basin prefix must begin");
    expect(basinNameFault("A", "start-after")).toContain("basin start-after must begin");
  });
});

describe("stream names", () => {
  test("counts bytes, not characters", () => {
    expect(streamNameFault("é".repeat(256))).toBeUndefined();
    expect(streamNameFault(`${"é".repeat(256)}x`)).toBe("stream name must not exceed 512 bytes in length");
  });

  test("refuses nothing, NUL and what would change a path", () => {
    expect(streamNameFault("")).toBe("stream name must not be empty");
    expect(streamNameFault("..")).toBe('stream name must not be "." or ".."');
    expect(streamNameFault("a\0b")).toBe("stream name must not contain NUL bytes");
    expect(streamNameFault("...")).toBeUndefined();
  });

  test("lets a prefix be empty or a dot", () => {
    expect(streamNameFault("", "prefix")).toBeUndefined();
    expect(streamNameFault(".", "start-after")).toBeUndefined();
    expect(streamNameFault("\0", "prefix")).toBe("stream prefix must not contain NUL bytes");
  });
});

test("tokens, ids and locations have limits of their own", () => {
  expect(fencingTokenFault("x".repeat(36))).toBeUndefined();
  expect(fencingTokenFault("é".repeat(19))).toContain("36 bytes");
  expect(requestTokenFault("")).toBeUndefined();
  expect(requestTokenFault("x".repeat(37))).toContain("36 bytes");
  expect(tokenIdFault("x".repeat(97))).toContain("access token id must not exceed 96 bytes");
  expect(locationFault("aws:us-east-1")).toBeUndefined();
  expect(locationFault("aws us")).toContain("ASCII letters");
  expect(locationFault("")).toContain("at least 1 character");
});
