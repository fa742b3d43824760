import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadQuery } from "../model/records-on-wire.js";
import { readRequest } from "./read-request.js";
import { appendRequest, checkTailRequest } from "./record-requests.js";
import { buildRequest } from "./request.js";

const u64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const query: fc.Arbitrary<ReadQuery> = fc.record(
  {
    seq_num: u64,
    timestamp: u64,
    tail_offset: u64,
    clamp: fc.boolean(),
    count: u64,
    bytes: u64,
    until: u64,
    wait: fc.integer({ min: 0, max: 60 }),
  },
  { requiredKeys: [] },
);
const stream = fc
  .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
  .filter((name) => !name.includes("\0"));
const names = stream.filter((name) => name !== "." && name !== "..");

const target = fc.record({
  basin: fc.constant("basin-of-test"),
  stream: names,
  headers: fc.constantFrom(undefined, { "user-agent": "test" }),
  endpoints: fc.boolean().map((sendBasinHeader) => ({
    accountBaseUrl: "https://account.test/v1",
    basinBaseUrl: (basin: string) => `https://${basin}.test/v1`,
    sendBasinHeader,
  })),
});

describe("the requests that move records are those of the operations table", () => {
  it("for a read, whatever is asked for", () => {
    fc.assert(
      fc.property(target, query, (to, asked) => {
        expect(readRequest(to, asked)).toEqual(buildRequest("read", { stream: to.stream, ...asked }, to));
      }),
    );
  });

  it("for an append and a check of the tail", () => {
    fc.assert(
      fc.property(target, (to) => {
        expect(appendRequest(to)).toEqual(buildRequest("append", { stream: to.stream }, to));
        expect(checkTailRequest(to)).toEqual(buildRequest("check_tail", { stream: to.stream }, to));
      }),
    );
  });
});
