import { isS2Error } from "@s2-dev/streamstore-core";
import type { ReadFormat, RecordFormat } from "@s2-dev/streamstore-core/transport";
import { readBatchFromJson } from "@s2-dev/streamstore-core/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventDecoder } from "./event-decoder.js";
import { batchFromJson } from "./records.js";

const FORMATS: readonly ReadFormat[] = (["string", "bytes"] as const).flatMap((as) =>
  (["error", "saturate"] as const).map((unsafeTimestamps) => ({ as, unsafeTimestamps })),
);

const integer = fc.oneof(
  { weight: 8, arbitrary: fc.maxSafeNat().map(String) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom("-1", "1.5", "null", '"7"', "1e30") },
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom('{"ns":1700000000000000000}', "n9007199254740993", '"', "__proto__", ""),
);
const base64 = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const member = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(value, { nil: undefined }).map((json) => (json === undefined ? "" : `,"${name}":${json}`));

function batches(data: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const json = data.map((value) => JSON.stringify(value));
  const headers = fc
    .array(fc.tuple(json, json), { maxLength: 3 })
    .map((pairs) => `[${pairs.map(([name, value]) => `[${name},${value}]`).join(",")}]`);
  const record = fc
    .tuple(integer, integer, member("headers", headers), member("body", json))
    .map(([seqNum, timestamp, ...rest]) => `{"seq_num":${seqNum},"timestamp":${timestamp}${rest.join("")}}`);
  const position = fc
    .tuple(integer, integer)
    .map(([seqNum, timestamp]) => `{"seq_num":${seqNum},"timestamp":${timestamp}}`);
  return fc
    .tuple(fc.array(record, { maxLength: 4 }), member("tail", fc.oneof(position, fc.constant("null"))))
    .map(([records, tail]) => `{"records":[${records.join(",")}]${tail}}`);
}

/** What it comes to, whether that is a batch or an error. */
function outcome(decode: () => object): unknown {
  try {
    const { meteredBytes: _, failure, ...batch } = decode() as { meteredBytes?: number; failure?: Error };
    return { ...batch, failure: failure?.message };
  } catch (thrown) {
    return isS2Error(thrown) ? thrown.code : thrown;
  }
}

describe.each(FORMATS)("a batch decoded as %j", (format) => {
  it("is what core's decoder makes of it", () => {
    fc.assert(
      fc.property(batches(format.as === "bytes" ? base64 : text), (json) => {
        expect(outcome(() => batchFromJson(json, format as ReadFormat<RecordFormat>))).toEqual(
          outcome(() => readBatchFromJson(json, format)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("a batch that is malformed", () => {
  const decode = createEventDecoder({ as: "bytes", unsafeTimestamps: "error" });
  it.each([
    "",
    "{",
    "null",
    "[]",
    "{}",
    '{"records":1}',
    '{"records":[null]}',
    '{"records":[{}]}',
    '{"records":[{"seq_num":1,"timestamp":1,"body":1}]}',
    '{"records":[{"seq_num":1,"timestamp":1,"body":"%"}]}',
    '{"records":[{"seq_num":1,"timestamp":1,"body":null}]}',
    '{"records":[{"seq_num":1,"timestamp":1,"headers":{"a":"b"}}]}',
    '{"records":[{"seq_num":1,"timestamp":1,"headers":["a"]}]}',
    '{"records":[],"tail":1}',
  ])("is a protocol error: %s", (data) => {
    expect(() => decode({ event: "batch", data })).toThrow(
      expect.objectContaining({ name: "S2Error", code: "PROTOCOL_ERROR", retryable: false }),
    );
  });
});

describe("the metered bytes of a batch", () => {
  const json = (body: string): string =>
    `{"records":[{"seq_num":1,"timestamp":1,"body":"${body}","headers":[["a","é"]]}]}`;
  const decoder = () => createEventDecoder({ as: "string", unsafeTimestamps: "error" });

  it("are what the count in its id grew by", () => {
    const decode = decoder();
    const metered = (id: string) => decode({ event: "batch", id, data: json("x") })?.meteredBytes;
    expect([metered("0,1,100"), metered("1,2,150")]).toEqual([100, 50]);
  });

  it("are summed over its records where the id does not tell, or counts backwards", () => {
    const decode = decoder();
    const metered = (id?: string) => decode({ event: "batch", id, data: json("ö") })?.meteredBytes;
    const sum = 8 + 2 + 1 + 2 + 2;
    expect([metered(), metered("other"), metered("0,1,100"), metered("0,1,50")]).toEqual([
      sum,
      sum,
      100 - 2 * sum,
      sum,
    ]);
  });
});
