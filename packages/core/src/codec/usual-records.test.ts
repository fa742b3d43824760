import { describe, expect, it } from "vitest";
import type { ReadFormat } from "../model/record.js";
import { encodeReadBatch } from "./read-batch.js";
import { decodeReadBatch } from "./read-batch-decode.js";
import { plain, utf8 } from "./vectors.fixture.js";
import type { WireRecord } from "./wire-types.js";

const FORMATS: readonly ReadFormat[] = [
  { as: "bytes", unsafeTimestamps: "error" },
  { as: "string", unsafeTimestamps: "error" },
];

function record(seqNum: number, init: Partial<WireRecord> = {}): WireRecord {
  return { seq_num: seqNum, timestamp: 1_700_000_000_000 + seqNum, headers: [], body: utf8("x"), ...init };
}

/** Each record as the encoder writes it, behind a field that no version knows: the way of a record that is not usual. */
function encodedUnusually(records: readonly WireRecord[]): Uint8Array {
  const parts = records.map((one) => {
    const payload = encodeReadBatch({ records: [one], tail: undefined });
    return Uint8Array.of(0x78, 0x01, ...payload);
  });
  return Buffer.concat(parts);
}

function cut(payload: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) pieces.push(payload.slice(at, at + size));
  return pieces;
}

describe("records of the usual form", () => {
  const records = [
    ...[
      1,
      127,
      128,
      16_383,
      16_384,
      2 ** 28 - 1,
      2 ** 28,
      2 ** 35,
      2 ** 42,
      2 ** 49 - 1,
      2 ** 49,
      2 ** 53 - 1,
    ],
  ].map((seqNum) => record(seqNum, { timestamp: seqNum }));
  const bodies = [0, 1, 100, 127, 128, 16_000, 16_370, 16_383, 16_384, 70_000].map((size) =>
    record(size + 1, { body: new Uint8Array(size).fill(97) }),
  );
  const mixed = [
    record(1),
    record(2, { headers: [[utf8("a"), utf8("b")]] }),
    record(3, { headers: [[utf8("c"), utf8("d")]] }),
    record(4, { body: utf8("plain again") }),
    record(5),
  ];

  it.each(FORMATS)("are what they are in any other form, as $as", (format) => {
    for (const batch of [records, bodies, mixed]) {
      const usual = decodeReadBatch(encodeReadBatch({ records: batch, tail: undefined }), format);
      const slow = batch.map((one) => decodeReadBatch(encodedUnusually([one]), format).records[0]);
      expect(plain(usual.records)).toEqual(plain(slow));
      expect(usual.failure).toBeUndefined();
    }
  });

  it.each(FORMATS)("are the same wherever the payload is cut, as $as", (format) => {
    const payload = encodeReadBatch({ records: [...records, ...mixed], tail: undefined });
    const whole = decodeReadBatch(payload, format);
    for (let size = 1; size < 64; size += 1) {
      const inPieces = decodeReadBatch(cut(payload, size), format);
      expect(plain(inPieces.records)).toEqual(plain(whole.records));
      expect(inPieces.meteredBytes).toBe(whole.meteredBytes);
    }
  });

  it.each(FORMATS)("are refused when their lengths contradict each other, as $as", (format) => {
    const payload = encodeReadBatch({
      records: [record(1), record(2, { body: utf8("abcdefgh") })],
      tail: undefined,
    });
    // The body's length, of the last record: beyond the record, and short of its end by no whole field.
    for (const length of [9, 100, 127, 2]) {
      const broken = payload.slice();
      broken[broken.length - 9] = length;
      expect(() => decodeReadBatch(broken, format)).toThrowError(
        expect.objectContaining({ code: "PROTOCOL_ERROR" }),
      );
    }
  });
});
