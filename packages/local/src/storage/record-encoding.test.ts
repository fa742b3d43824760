import { encodeReadBatch } from "@s2-dev/streamstore-core/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RecordCursor } from "./record-cursor.js";
import { encodeRecords } from "./record-encoding.js";
import { u64 } from "./u64.js";

const bytes = fc.uint8Array({ maxLength: 300 });
const record = fc.record({
  headers: fc.array(fc.tuple(bytes, bytes), { maxLength: 4 }),
  body: bytes,
  timestamp: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(u64),
});
const batch = fc.tuple(
  fc.integer({ min: 0, max: 2 ** 40 }),
  fc.array(record, { minLength: 1, maxLength: 20 }),
);

function encode([first, records]: [
  number,
  { timestamp: number | bigint; headers: [Uint8Array, Uint8Array][]; body: Uint8Array }[],
]) {
  // A batch's timestamps never go back.
  const timestamps = records.map((item) => item.timestamp).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { timestamps, encoded: encodeRecords(records, first, timestamps) };
}

test("records are stored as they stand in a read batch", () => {
  fc.assert(
    fc.property(batch, ([first, records]) => {
      const { timestamps, encoded } = encode([first, records]);
      const wire = records.map((item, index) => ({
        seq_num: first + index,
        timestamp: timestamps[index] ?? 0,
        headers: item.headers,
        body: item.body,
      }));
      expect(Buffer.from(encoded).equals(Buffer.from(encodeReadBatch({ records: wire })))).toBe(true);
    }),
  );
});

test("a cursor finds every record again, with its size", () => {
  fc.assert(
    fc.property(batch, ([first, records]) => {
      const { timestamps, encoded } = encode([first, records]);
      const cursor = new RecordCursor(encoded);
      let index = 0;
      for (; cursor.next(); index += 1) {
        const { headers, body } = records[index] ?? { headers: [], body: new Uint8Array() };
        expect(cursor.seqNum).toBe(first + index);
        expect(cursor.timestamp).toBe(timestamps[index]);
        expect(cursor.parts()).toEqual({ headers, body });
        const size = headers.reduce(
          (sum, [name, value]) => sum + 2 + name.length + value.length,
          8 + body.length,
        );
        expect(cursor.meteredBytes).toBe(size);
      }
      expect(index).toBe(records.length);
      expect(cursor.end).toBe(encoded.length);
    }),
  );
});
