import { describe, expect, test } from "vitest";
import { MemoryLog } from "./memory-log.js";
import { encodeRecords } from "./record-encoding.js";
import type { StoredBatch } from "./storage.js";

function batch(
  firstSeqNum: number,
  timestamps: readonly number[],
  expiresAt = Number.POSITIVE_INFINITY,
): StoredBatch {
  const records = timestamps.map(() => ({ headers: [], body: Buffer.from("x") }));
  return {
    firstSeqNum,
    count: timestamps.length,
    firstTimestamp: timestamps[0] ?? 0,
    lastTimestamp: timestamps.at(-1) ?? 0,
    meteredBytes: 9 * timestamps.length,
    expiresAt,
    sealed: false,
    bytes: encodeRecords(records, firstSeqNum, timestamps),
  };
}

async function logOf(...batches: readonly StoredBatch[]): Promise<MemoryLog> {
  const log = new MemoryLog(0);
  for (const item of batches) await log.append({ batch: item }, 7);
  return log;
}

const ALL = { from: 0, to: 1000, maxRecords: 1000, maxBytes: 1_000_000 };
const firsts = (batches: readonly StoredBatch[]): number[] => batches.map((item) => item.firstSeqNum);

describe("a log in memory", () => {
  test("knows its tail, and what appends changed with it", async () => {
    const log = await logOf(batch(0, [1, 2]));
    await log.append({ batch: batch(2, [5]), fencingToken: "t", trimPoint: 1 }, 9);
    expect(log.state).toEqual({
      tail: { seq_num: 3, timestamp: 5 },
      fencingToken: "t",
      trimPoint: 1,
      lastWriteAt: 9,
    });
  });

  test("gives the batches that touch a range, until there are enough", async () => {
    const log = await logOf(batch(0, [1, 2]), batch(2, [3, 4]), batch(4, [5]));
    expect(firsts(await log.read(ALL, 0))).toEqual([0, 2, 4]);
    expect(firsts(await log.read({ ...ALL, from: 3 }, 0))).toEqual([2, 4]);
    expect(firsts(await log.read({ ...ALL, to: 4 }, 0))).toEqual([0, 2]);
    expect(firsts(await log.read({ ...ALL, maxRecords: 3 }, 0))).toEqual([0, 2]);
    expect(firsts(await log.read({ ...ALL, maxBytes: 18 }, 0))).toEqual([0]);
  });

  test("finds the first record at or after a time", async () => {
    const log = await logOf(batch(0, [10, 20]), batch(2, [20, 20]), batch(4, [30]));
    expect(await log.findTimestamp(0, 0)).toBe(0);
    expect(await log.findTimestamp(20, 0)).toBe(1);
    expect(await log.findTimestamp(21, 0)).toBe(4);
    expect(await log.findTimestamp(31, 0)).toBeUndefined();
  });

  test("hides what has expired at once, and forgets it when told", async () => {
    const log = await logOf(batch(0, [1], 100), batch(1, [2]), batch(2, [3], 50));
    expect(firsts(await log.read(ALL, 50))).toEqual([0, 1]);
    expect(await log.findTimestamp(3, 50)).toBeUndefined();
    expect(await log.presence(50)).toEqual({ empty: false, expiresAt: Number.POSITIVE_INFINITY });
    await log.expire(100);
    expect(firsts(await log.read(ALL, 0))).toEqual([1]);
  });

  test("says until when it holds records", async () => {
    const log = await logOf(batch(0, [1], 100), batch(1, [2], 50));
    expect(await log.presence(0)).toEqual({ empty: false, expiresAt: 100 });
    expect(await log.presence(100)).toEqual({ empty: true });
  });

  test("drops whole batches that are trimmed, and stays quick after many", async () => {
    const log = await logOf(
      ...Array.from({ length: 1000 }, (_none, index) => batch(index * 2, [index, index])),
    );
    await log.trim(1001);
    expect(firsts(await log.read({ ...ALL, to: 3000, maxRecords: 1 }, 0))).toEqual([1000]);
    await log.trim(2n ** 64n - 1n);
    expect(await log.presence(0)).toEqual({ empty: true });
    expect(log.state.tail.seq_num).toBe(2000);
  });
});
