import { describe, expect, it } from "vitest";
import { checkOptions } from "./check-options.js";

interface Options {
  readonly ttlMillis?: number;
  readonly match_seq_num?: number;
  readonly maxBytes?: number;
}

const NAMES = { ttlMillis: true, match_seq_num: true, maxBytes: true } as const;
const check = (options: unknown) => () => checkOptions(options as Options, "a lease", NAMES);

describe("options", () => {
  it.each([
    ["ttl", "ttlMillis, whose unit is its own"],
    ["ttlMs", "ttlMillis"],
    ["ttlSecs", "ttlMillis, whose unit is its own"],
    ["ttl_millis", "ttlMillis"],
    ["TTLMillis", "ttlMillis"],
    ["matchSeqNum", "match_seq_num"],
    ["maxbytes", "maxBytes"],
    ["max_bytes", "maxBytes"],
  ])("refuse %s, and name %s", (given, meant) => {
    const message = `${given} is not an option of a lease: it is called ${meant}`;
    expect(check({ [given]: 5 })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });

  it.each([null, 5, "text", [], undefined])("must be an object, which %j is not", (options) => {
    expect(check(options)).toThrow(/the options of a lease must be an object/);
  });

  it("pass where they resemble nothing", () => {
    expect(check({ ttlMs: undefined })).not.toThrow();
    expect(check({ ttlMillis: 5, region: "eu", maxRecords: 5, toString: 5 })).not.toThrow();
  });
});
