import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeRecords } from "../src/storage/record-encoding.js";
import type { LogEntry, Row, Storage, StoredBatch, StreamLog } from "../src/storage/storage.js";
import { type U64, U64_MAX } from "../src/storage/u64.js";

export interface BatchOptions {
  readonly expiresAt?: number;
  /** Bytes of each record's body; default 1. */
  readonly bodyBytes?: number;
}

/** A batch of a record for each timestamp. */
export function batch(
  firstSeqNum: number,
  timestamps: readonly U64[],
  { expiresAt = Number.POSITIVE_INFINITY, bodyBytes = 1 }: BatchOptions = {},
): StoredBatch {
  const records = timestamps.map(() => ({ headers: [], body: Buffer.alloc(bodyBytes, "x") }));
  return {
    firstSeqNum,
    count: timestamps.length,
    firstTimestamp: timestamps[0] ?? 0,
    lastTimestamp: timestamps.at(-1) ?? 0,
    meteredBytes: (8 + bodyBytes) * timestamps.length,
    expiresAt,
    sealed: false,
    bytes: encodeRecords(records, firstSeqNum, timestamps),
  };
}

export const ALL = { from: 0, to: 1_000_000, maxRecords: 1_000_000, maxBytes: 1_000_000_000 };
export const firsts = (batches: readonly StoredBatch[]): number[] => batches.map((item) => item.firstSeqNum);

/** What every storage does; `open` gives an empty one. */
export function describeStorage(open: () => Promise<Storage>): void {
  let storage: Storage;
  beforeEach(async () => {
    storage = await open();
  });
  afterEach(() => storage.close());

  async function logOf(...batches: readonly StoredBatch[]): Promise<StreamLog & { readonly id: string }> {
    const id = storage.newLogId();
    const log = await storage.openLog(id);
    await Promise.all(batches.map((item) => log.append({ batch: item }, 7)));
    return Object.assign(log, { id });
  }

  describe("a table", () => {
    const list = async (range: Partial<Parameters<Storage["basins"]["list"]>[0]> = {}) => {
      const page = await storage.basins.list({ prefix: "", startAfter: "", limit: 1000, ...range });
      return [page.rows.map(([name]) => name), page.hasMore];
    };

    test("keeps a row by its name until it is deleted", async () => {
      const row: Row = { text: "é", list: [1, null], never: Number.POSITIVE_INFINITY, large: U64_MAX };
      await storage.basins.put("a", { before: true });
      await storage.basins.put("a", row);
      expect(await storage.basins.get("a")).toEqual(row);
      await storage.basins.delete("a");
      await storage.basins.delete("a");
      expect(await storage.basins.get("a")).toBeUndefined();
    });

    test("lists by the bytes of the names: a prefix, what comes after a name, and no more than asked for", async () => {
      // In UTF-16 the last two are the other way round.
      const names = ["a", "a-b", "a/b", "ab", "b", "\u{ff5e}", "\u{1f600}"];
      for (const name of [...names].reverse()) await storage.basins.put(name, {});
      expect(await list()).toEqual([names, false]);
      expect(await list({ prefix: "a" })).toEqual([["a", "a-b", "a/b", "ab"], false]);
      expect(await list({ prefix: "a", startAfter: "a-b" })).toEqual([["a/b", "ab"], false]);
      expect(await list({ startAfter: "a-" })).toEqual([names.slice(1), false]);
      expect(await list({ prefix: "b", startAfter: "a" })).toEqual([["b"], false]);
      expect(await list({ prefix: "a", startAfter: "b" })).toEqual([[], false]);
      expect(await list({ limit: 2 })).toEqual([["a", "a-b"], true]);
      expect(await list({ prefix: "a", limit: 4 })).toEqual([["a", "a-b", "a/b", "ab"], false]);
    });

    test("is one of many: basins, the streams of each, and every other kind", async () => {
      await storage.basins.put("x", { is: "basin" });
      await storage.streams("x").put("x", { is: "stream of x" });
      await storage.streams("xx").put("x", { is: "stream of xx" });
      await storage.table<Row>("kind").put("x", { is: "kind" });
      const tables = [
        storage.basins,
        storage.streams("x"),
        storage.streams("xx"),
        storage.table<Row>("kind"),
      ];
      const rows = await Promise.all(tables.map((table) => table.get("x")));
      expect(rows.map((row) => row?.is)).toEqual(["basin", "stream of x", "stream of xx", "kind"]);
      expect((await storage.streams("x").list({ prefix: "", startAfter: "", limit: 9 })).rows).toHaveLength(
        1,
      );
    });
  });

  describe("a log", () => {
    test("knows its tail, and what appends changed with it", async () => {
      const log = await logOf(batch(0, [1, 2]));
      await log.append({ batch: batch(2, [5]), fencingToken: "t", trimPoint: 1 }, 9);
      const state = {
        tail: { seq_num: 3, timestamp: 5 },
        fencingToken: "t",
        trimPoint: 1,
        lastWriteAt: 9,
      };
      expect(log.state).toEqual(state);
      expect(await storage.inspectLog(log.id)).toEqual({ state, storedBytes: 27 });
    });

    test("has nothing in it when it is new, and says nothing when there is none", async () => {
      expect(await storage.inspectLog(storage.newLogId())).toBeUndefined();
      const log = await logOf();
      expect(log.state).toEqual({
        tail: { seq_num: 0, timestamp: 0 },
        fencingToken: "",
        trimPoint: 0,
        lastWriteAt: 0,
      });
      expect(await log.read(ALL, 0)).toEqual([]);
      expect(await log.findTimestamp(0, 0)).toBeUndefined();
      expect(await log.presence(0)).toEqual({ empty: true });
      expect(log.storedBytes).toBe(0);
    });

    test("is the same whoever opens it, and never the log of another id", async () => {
      const log = await logOf(batch(0, [1]));
      const other = await logOf();
      expect(firsts(await (await storage.openLog(log.id)).read(ALL, 0))).toEqual([0]);
      expect(await other.read(ALL, 0)).toEqual([]);
      expect(new Set(Array.from({ length: 100 }, () => storage.newLogId())).size).toBe(100);
    });

    test("acknowledges in the order of the appends", async () => {
      const log = await logOf();
      const order: number[] = [];
      const appends = Array.from({ length: 50 }, (_none, seqNum) =>
        log.append({ batch: batch(seqNum, [seqNum]) }, 0).then(() => order.push(seqNum)),
      );
      await Promise.all(appends);
      expect(order).toEqual(Array.from({ length: 50 }, (_none, seqNum) => seqNum));
      expect(log.state.tail.seq_num).toBe(50);
    });

    test.each([1, 1000, 5000, 200_000])(
      "gives back what was put in, with bodies of %d bytes",
      async (bodyBytes) => {
        const stored = { ...batch(0, [2 ** 40, U64_MAX], { bodyBytes, expiresAt: 2 ** 45 }), sealed: true };
        const log = await logOf(stored);
        const [found] = await log.read(ALL, 0);
        expect({ ...found, bytes: Buffer.from(found?.bytes ?? []).toString("base64") }).toEqual({
          ...stored,
          bytes: Buffer.from(stored.bytes).toString("base64"),
        });
      },
    );

    test("gives the batches that touch a range, until there are enough", async () => {
      const log = await logOf(batch(0, [1, 2]), batch(2, [3, 4]), batch(4, [5]));
      expect(firsts(await log.read(ALL, 0))).toEqual([0, 2, 4]);
      expect(firsts(await log.read({ ...ALL, from: 3 }, 0))).toEqual([2, 4]);
      expect(firsts(await log.read({ ...ALL, from: 2 }, 0))).toEqual([2, 4]);
      expect(firsts(await log.read({ ...ALL, from: 5 }, 0))).toEqual([]);
      expect(firsts(await log.read({ ...ALL, to: 4 }, 0))).toEqual([0, 2]);
      expect(firsts(await log.read({ ...ALL, maxRecords: 3 }, 0))).toEqual([0, 2]);
      expect(firsts(await log.read({ ...ALL, maxBytes: 18 }, 0))).toEqual([0]);
    });

    test("finds the first record at or after a time", async () => {
      const log = await logOf(batch(0, [10, 20]), batch(2, [20, 20]), batch(4, [30]), batch(5, [U64_MAX]));
      expect(await log.findTimestamp(0, 0)).toBe(0);
      expect(await log.findTimestamp(20, 0)).toBe(1);
      expect(await log.findTimestamp(21, 0)).toBe(4);
      expect(await log.findTimestamp(31, 0)).toBe(5);
      const short = await logOf(batch(0, [10]));
      expect(await short.findTimestamp(11, 0)).toBeUndefined();
    });

    test("finds a time among many, also when the first are gone", async () => {
      const log = await logOf(...Array.from({ length: 200 }, (_none, n) => batch(n * 3, [n, n, n])));
      await log.trim(100);
      const found = await Promise.all(
        [0, 34, 150, 199, 200].map((timestamp) => log.findTimestamp(timestamp, 0)),
      );
      expect(found).toEqual([99, 102, 450, 597, undefined]);
    });

    test("hides what has expired at once, and forgets it when told", async () => {
      const log = await logOf(
        batch(0, [1], { expiresAt: 100 }),
        batch(1, [2]),
        batch(2, [3], { expiresAt: 50 }),
      );
      expect(firsts(await log.read(ALL, 50))).toEqual([0, 1]);
      expect(await log.findTimestamp(3, 50)).toBeUndefined();
      expect(await log.presence(50)).toEqual({ empty: false, expiresAt: Number.POSITIVE_INFINITY });
      expect(await storage.expire(49)).toEqual(new Map());
      expect(await storage.expire(100)).toEqual(new Map([[log.id, 9]]));
      expect(firsts(await log.read(ALL, 0))).toEqual([1]);
      expect(log.storedBytes).toBe(9);
      expect(await storage.expire(100)).toEqual(new Map());
    });

    test("expires the records of every log by their own time, however they lie", async () => {
      const minute = 60_000;
      const times = [5, 5, 1, 5, 2, 2, 9].map((minutes) => minutes * minute);
      const make = () => logOf(...times.map((expiresAt, n) => batch(n, [n], { expiresAt })));
      const logs = [await make(), await make()];
      const left = async () => Promise.all(logs.map(async (log) => firsts(await log.read(ALL, 0))));
      expect((await storage.expire(2 * minute - 1)).size).toBe(2);
      expect(await left()).toEqual(Array(2).fill([0, 1, 3, 4, 5, 6]));
      await storage.expire(2 * minute);
      expect(await left()).toEqual(Array(2).fill([0, 1, 3, 6]));
      await storage.expire(8 * minute);
      expect(await left()).toEqual(Array(2).fill([6]));
      expect(logs.map((log) => log.storedBytes)).toEqual([9, 9]);
    });

    test("says until when it holds records", async () => {
      const log = await logOf(batch(0, [1], { expiresAt: 100 }), batch(1, [2], { expiresAt: 50 }));
      expect(await log.presence(0)).toEqual({ empty: false, expiresAt: 100 });
      expect(await log.presence(100)).toEqual({ empty: true });
    });

    test("is empty when all of it is trimmed, removed or not", async () => {
      const log = await logOf(batch(0, [1], { expiresAt: 500 }), batch(1, [2], { expiresAt: 100 }));
      await log.append({ batch: batch(2, [3], { expiresAt: 200 }), trimPoint: 1 }, 7);
      expect(await log.presence(0)).toEqual({ empty: false, expiresAt: 200 });
      await log.append({ batch: batch(3, [4]), trimPoint: 4 }, 7);
      expect(await log.presence(0)).toEqual({ empty: true });
    });

    test("drops whole batches that are trimmed, and keeps its tail", async () => {
      const log = await logOf(...Array.from({ length: 1000 }, (_none, n) => batch(n * 2, [n, n])));
      await log.trim(1001);
      expect(firsts(await log.read({ ...ALL, to: 3000, maxRecords: 1 }, 0))).toEqual([1000]);
      await log.trim(U64_MAX);
      expect(await log.presence(0)).toEqual({ empty: true });
      expect(log.state.tail.seq_num).toBe(2000);
      expect(log.storedBytes).toBe(0);
    });

    test("counts the bytes that are neither trimmed nor given back, to the record", async () => {
      const log = await logOf(batch(0, [1, 1, 1, 1], { expiresAt: 100 }), batch(4, [2, 2]));
      expect(log.storedBytes).toBe(54);
      await log.trim(1);
      expect(log.storedBytes).toBe(45);
      await log.trim(3);
      expect(log.storedBytes).toBe(27);
      await storage.expire(100);
      expect(log.storedBytes).toBe(18);
      await log.trim(5);
      await log.append({ batch: batch(6, [3]) }, 7);
      expect(log.storedBytes).toBe(18);
    });

    test("goes on where a batch of nothing says", async () => {
      const log = await logOf();
      const end: LogEntry = { batch: { ...batch(0, []), firstSeqNum: 9, lastTimestamp: 4, expiresAt: 0 } };
      await log.append(end, 3);
      expect(log.state.tail).toEqual({ seq_num: 9, timestamp: 4 });
      await log.append({ batch: batch(9, [5]) }, 3);
      expect(firsts(await log.read(ALL, 1))).toEqual([9]);
    });

    test("is gone when it is dropped, and no other log is", async () => {
      const log = await logOf(batch(0, [1], { expiresAt: 100 }));
      const other = await logOf(batch(0, [1], { expiresAt: 100 }));
      await storage.dropLog(log.id);
      expect(await storage.inspectLog(log.id)).toBeUndefined();
      expect(await storage.expire(100)).toEqual(new Map([[other.id, 0]]));
    });
  });
}
