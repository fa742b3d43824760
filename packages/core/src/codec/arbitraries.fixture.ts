import fc from "fast-check";
import type { WireReadBatch, WireRecord } from "./wire-types.js";

const safe = fc.maxSafeNat();
const u64 = fc.oneof(
  safe,
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0, 1, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 32, 2 ** 35, Number.MAX_SAFE_INTEGER),
);
const bytes = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  // Where the length of a length changes.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(126, 127, 128, 129, 16_383, 16_384)
      .map((length) => new Uint8Array(length).fill(0x61)),
  },
);

/** Text of every kind, lone surrogates included, with lengths around where a varint grows. */
export const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom("a", "é", "€", "😀", "\ud800"), fc.integer({ min: 1, max: 200 }))
    .map(([c, n]) => c.repeat(n)),
);

const anyData = fc.oneof(anyText, bytes);
const nonEmptyData = anyData.filter((data) => data.length > 0);

/** Headers that are legal: a list with text and bytes mixed, or an object. */
const anyHeaders = fc.oneof(
  fc.array(fc.tuple(nonEmptyData, anyData), { maxLength: 4 }),
  fc.dictionary(
    anyText.filter((name) => name.length > 0 && name !== "__proto__"),
    anyData,
    { maxKeys: 4 },
  ),
);

/** Records that are legal to append. */
export const anyAppendRecord = fc.record(
  { body: anyData, headers: anyHeaders, timestamp: u64 },
  { requiredKeys: [] },
);

const wireRecord: fc.Arbitrary<WireRecord> = fc.record({
  seq_num: u64,
  timestamp: u64,
  headers: fc.array(fc.tuple(bytes, bytes), { maxLength: 4 }),
  body: bytes,
});

const position = fc.record({ seq_num: u64, timestamp: u64 });

/** Batches that a server may send. */
export const anyWireBatch: fc.Arbitrary<WireReadBatch> = fc.record({
  records: fc.array(wireRecord, { maxLength: 8 }),
  tail: fc.option(position, { nil: undefined }),
});

/** The same with integers that a number can hold. */
export const safeWireBatch: fc.Arbitrary<WireReadBatch> = anyWireBatch.map(({ records, tail }) => ({
  records: records.map((record) => ({
    ...record,
    seq_num: clamp(record.seq_num),
    timestamp: clamp(record.timestamp),
  })),
  tail: tail && { seq_num: clamp(tail.seq_num), timestamp: clamp(tail.timestamp) },
}));

export const anyWireAck = fc.record({ start: position, end: position, tail: position });

function clamp(value: number | bigint): number {
  return typeof value === "bigint" ? Number.MAX_SAFE_INTEGER : value;
}
