import { type AppendRecordInput, meteredBytes } from "@s2-dev/streamstore-core";
import { encodeAppendBatch, FRAME_HEAD_BYTES } from "@s2-dev/streamstore-core/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOfRecord } from "./record-size.js";

const part = fc.oneof(fc.string({ unit: "grapheme", maxLength: 200 }), fc.uint8Array({ maxLength: 200 }));
const name = part.filter((text) => text.length > 0);
const record: fc.Arbitrary<AppendRecordInput> = fc.record(
  {
    body: part,
    headers: fc.oneof(
      fc.array(fc.tuple(name, part), { maxLength: 20 }),
      fc.dictionary(fc.string({ minLength: 1 }), part, { noNullPrototype: true }),
    ),
    timestamp: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  },
  { noNullPrototype: true },
);

describe("the size of a record", () => {
  it("is its metered size, and never less than it takes encoded", () => {
    fc.assert(
      fc.property(record, (record) => {
        const { metered, encoded } = sizeOfRecord(record, "record");
        expect(metered).toBe(meteredBytes(record));
        const payload = encodeAppendBatch([{ timestamp: 0, ...record }]).frame.length - FRAME_HEAD_BYTES;
        // A timestamp counts as if it were the longest one.
        expect(encoded + (record.timestamp === undefined ? 2 : 0)).toBeGreaterThanOrEqual(payload);
        expect(encoded).toBeLessThanOrEqual(payload + 10);
      }),
    );
  });

  it.each([
    [undefined, "record must be an object, not undefined"],
    ["text", 'record must be an object, not "text"'],
    [{ body: 1 }, "record.body must be a string or a Uint8Array, not 1"],
    [{ headers: 1 }, "record.headers must be an array of pairs or a plain object, not 1"],
    [{ headers: [["a", 1]] }, "a header's value of record must be a string or a Uint8Array, not 1"],
  ])("is not known of %j", (wrong, message) => {
    expect(() => sizeOfRecord(wrong as unknown as AppendRecordInput, "record")).toThrow(message);
  });
});
