import { describe, expect, it } from "vitest";
import { type ReadArgs, readFormat, readQuery } from "./read-args.js";

const unchecked = (args: Record<string, unknown>): ReadArgs => args as ReadArgs;

describe("the query of a read", () => {
  it("is empty when nothing is asked, so the service starts at the tail", () => {
    expect(readQuery({})).toEqual({});
  });

  it("keeps zero as a value everywhere", () => {
    expect(readQuery({ seq_num: 0, count: 0, bytes: 0, until: 0, wait: 0 })).toEqual({
      seq_num: 0,
      count: 0,
      bytes: 0,
      until: 0,
      wait: 0,
    });
    expect(readQuery({ timestamp: 0 })).toEqual({ timestamp: 0 });
    expect(readQuery({ tail_offset: 0, clamp: false })).toEqual({ tail_offset: 0, clamp: false });
  });

  it("leaves undefined out and carries nothing that is not for the wire", () => {
    expect(readQuery({ seq_num: undefined, as: "bytes", unsafeTimestamps: "saturate", count: 1 })).toEqual({
      count: 1,
    });
  });

  it("rounds a fraction of a second of waiting up", () => {
    expect(readQuery({ wait: 0.2 })).toEqual({ wait: 1 });
    expect(readQuery({ wait: 3 })).toEqual({ wait: 3 });
  });

  it.each([
    [{ seq_num: 0, timestamp: 0 }, "seq_num 0 and timestamp 0"],
    [{ seq_num: 1, tail_offset: 2 }, "seq_num 1 and tail_offset 2"],
    [{ timestamp: 1, tail_offset: 2 }, "timestamp 1 and tail_offset 2"],
  ])("is refused with two starts: %j", (args, shown) => {
    expect(() => readQuery(args)).toThrow(
      `the start of a read must be at most one of seq_num, timestamp and tail_offset; got "${shown}"`,
    );
  });

  it.each(["seq_num", "timestamp", "tail_offset", "count", "bytes", "until"])(
    "is refused when %s is no safe non-negative integer",
    (field) => {
      for (const value of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "1", null, 1n]) {
        expect(() => readQuery(unchecked({ [field]: value }))).toThrow(
          `${field} must be an integer from 0 to 9007199254740991; got`,
        );
      }
    },
  );

  it("is refused when wait is negative, not finite or too large for the wire", () => {
    for (const wait of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, "1", null]) {
      expect(() => readQuery(unchecked({ wait }))).toThrow(
        "wait must be a number of seconds from 0 to 4294967295; got",
      );
    }
  });

  it("is refused when clamp is not a boolean", () => {
    expect(() => readQuery(unchecked({ clamp: 1 }))).toThrow("clamp must be true or false; got 1");
  });

  it("is refused when it starts at a timestamp that is not before until", () => {
    expect(() => readQuery({ timestamp: 5, until: 5 })).toThrow(
      "timestamp must be less than until (5); got 5",
    );
    expect(() => readQuery({ timestamp: 0, until: 0 })).toThrow(
      "timestamp must be less than until (0); got 0",
    );
    expect(readQuery({ timestamp: 4, until: 5 })).toEqual({ timestamp: 4, until: 5 });
  });
});

describe("the format of a read", () => {
  it("is text unless bytes are asked for, and unsafe timestamps are an error", () => {
    expect(readFormat({})).toEqual({ as: "string", unsafeTimestamps: "error" });
    expect(readFormat({ as: "bytes", unsafeTimestamps: "saturate" })).toEqual({
      as: "bytes",
      unsafeTimestamps: "saturate",
    });
  });

  it("is refused when it is neither", () => {
    expect(() => readFormat(unchecked({ as: "json" }))).toThrow('as must be "string" or "bytes"; got "json"');
    expect(() => readFormat(unchecked({ unsafeTimestamps: true }))).toThrow(
      'unsafeTimestamps must be "error" or "saturate"; got true',
    );
  });
});
