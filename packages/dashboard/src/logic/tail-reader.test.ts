import { expect, test } from "vitest";
import type { Start } from "./address.js";
import type { PageRecord } from "./body-view.js";
import { RateMeter } from "./rate-meter.js";
import { RecordWindow } from "./record-window.js";
import { recordOf } from "./records.fixture.js";
import { type BatchFeed, type PageBatch, type RecordSource, TailReader } from "./tail-reader.js";

/** A stream whose records are there, or come when told; every pull is counted. */
class ScriptedStream implements RecordSource {
  readonly records: PageRecord[] = [];
  readonly starts: Start[] = [];
  trimmed = 0;
  pulls = 0;
  open_ = 0;
  failure: Error | undefined;
  /** Whether a session begins with the tail, and no records. */
  beginsWithTail = false;
  #waiting: (() => void)[] = [];

  constructor(count = 0) {
    this.add(count);
  }

  add(count: number): void {
    for (let index = 0; index < count; index++) {
      const seqNum = this.records.length;
      this.records.push(recordOf(seqNum, seqNum % 10 === 0 ? "ten" : "other"));
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }

  fail(error: Error): void {
    this.failure = error;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async open(start: Start): Promise<BatchFeed> {
    this.starts.push(start);
    this.open_ += 1;
    let next =
      start.kind === "seq"
        ? Math.min(this.records.length, Math.max(start.seq, this.trimmed))
        : Math.max(0, this.records.length - 5);
    let isClosed = false;
    let isFirst = this.beginsWithTail;
    return {
      next: async (): Promise<PageBatch | null> => {
        this.pulls += 1;
        if (isFirst) {
          isFirst = false;
          return { records: [], tail: { seq_num: this.records.length, timestamp: 0 } };
        }
        while (next >= this.records.length && this.failure === undefined && !isClosed) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        if (this.failure !== undefined) throw this.failure;
        const records = this.records.slice(next, next + 10);
        next += records.length;
        const isLive = next === this.records.length;
        return { records, ...(isLive ? { tail: { seq_num: next, timestamp: 0 } } : {}) };
      },
      close: () => {
        if (!isClosed) this.open_ -= 1;
        isClosed = true;
      },
    };
  }

  async read(seqNum: number, count: number): Promise<readonly PageRecord[]> {
    if (this.failure !== undefined) throw this.failure;
    const from = Math.max(seqNum, this.trimmed);
    return this.records.slice(from, from + count);
  }
}

function reading(stream: ScriptedStream, limit = 100) {
  const window = new RecordWindow<PageRecord>({ records: limit, bytes: 1e9 });
  const meter = new RateMeter(10, () => 0);
  const reader = new TailReader({
    source: stream,
    window,
    meter,
    changed: () => undefined,
    breathe: () => undefined,
  });
  const held = (): number[] =>
    Array.from({ length: window.length }, (_, index) => window.at(index)?.seq_num ?? -1);
  return { reader, window, held };
}

/** Everything that is ready to happen has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

test("follows the tail, and keeps the newest records", async () => {
  const stream = new ScriptedStream(20);
  const { reader, held } = reading(stream);
  reader.start({ kind: "tail" });
  await settled();
  expect(held()).toEqual(range(15, 20));
  stream.add(500);
  await settled();
  expect(held()).toEqual(range(420, 520));
  expect([reader.received, reader.missing, reader.behind, reader.phase]).toEqual([505, 0, 0, "reading"]);
});

test("a paused reader pulls nothing, shows nothing new, and goes on where it was", async () => {
  const stream = new ScriptedStream(20);
  const { reader, held } = reading(stream, 10_000);
  reader.start({ kind: "seq", seq: 0 });
  await settled();
  reader.setPaused(true);
  const pulls = stream.pulls;
  stream.add(300);
  await settled();
  expect([held(), stream.pulls, reader.phase]).toEqual([range(0, 20), pulls, "paused"]);
  reader.setPaused(false);
  await settled();
  expect(held()).toEqual(range(0, 320));
});

test("a reader that begins paused has something to look at", async () => {
  const stream = new ScriptedStream(1000);
  const { reader, held } = reading(stream, 10_000);
  reader.setPaused(true);
  reader.start({ kind: "seq", seq: 100 });
  await settled();
  expect([held(), reader.phase]).toEqual([range(100, 300), "paused"]);
});

test("lets nothing go while the view is elsewhere, and stops pulling when it holds enough", async () => {
  const stream = new ScriptedStream(1000);
  const { reader, held, window } = reading(stream);
  reader.start({ kind: "seq", seq: 0 });
  await settled();
  expect([held(), reader.phase]).toEqual([range(0, 100), "held"]);
  expect(window.firstOrdinal).toBe(0);
  reader.setPinned(true);
  await settled();
  expect([held(), reader.phase]).toEqual([range(900, 1000), "reading"]);
  expect([reader.received, reader.missing]).toEqual([1000, 0]);
});

test("reads what came before the window when asked, up to the beginning", async () => {
  const stream = new ScriptedStream(1500);
  const { reader, held } = reading(stream, 1000);
  reader.start({ kind: "tail" });
  await settled();
  await Promise.all([reader.older(), reader.older()]);
  expect(held()).toEqual(range(495, 1500));
  await reader.older();
  expect([held(), reader.hasOlder]).toEqual([range(0, 1500), false]);
});

test("holds no more than it may while it looks backwards, and comes back to the end without a gap", async () => {
  const stream = new ScriptedStream(5000);
  const { reader, held } = reading(stream);
  reader.start({ kind: "tail" });
  await settled();
  reader.setPinned(false);
  await reader.older();
  await reader.older();
  expect(held()).toEqual(range(2995, 3995));
  stream.add(10);
  await settled();
  expect([held(), reader.phase]).toEqual([range(2995, 3995), "held"]);
  reader.setPinned(true);
  await settled();
  expect([held(), reader.phase, reader.missing]).toEqual([range(4910, 5010), "reading", 0]);
  expect(stream.open_).toBe(1);
});

test("finds no record before a trim point", async () => {
  const stream = new ScriptedStream(1500);
  stream.trimmed = 1490;
  const { reader, held } = reading(stream);
  reader.start({ kind: "tail" });
  await settled();
  await reader.older();
  expect([held(), reader.hasOlder]).toEqual([range(1490, 1500), false]);
});

test("a filter applies to what the window covers, and its removal brings everything back", async () => {
  const stream = new ScriptedStream(60);
  const { reader, held } = reading(stream);
  reader.start({ kind: "seq", seq: 5 });
  await settled();
  reader.setFilter((record) => record.body.length === 3);
  await settled();
  expect(held()).toEqual([10, 20, 30, 40, 50]);
  stream.add(11);
  await settled();
  expect(held()).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(reader.received).toBe(66);
  reader.setFilter(undefined);
  await settled();
  expect(held()).toEqual(range(5, 71));
});

test("a filter that is typed letter by letter finds the same, also when the tail is told first", async () => {
  const stream = new ScriptedStream(60);
  stream.beginsWithTail = true;
  const { reader, held } = reading(stream);
  reader.start({ kind: "seq", seq: 5 });
  await settled();
  for (const length of [5, 4, 3]) {
    reader.setFilter((record) => record.body.length === length);
    // As far as the tail, and no further.
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  }
  await settled();
  expect(held()).toEqual([10, 20, 30, 40, 50]);
});

test("a start beyond the tail is one at the tail", async () => {
  const stream = new ScriptedStream(60);
  stream.beginsWithTail = true;
  const { reader, held } = reading(stream);
  reader.start({ kind: "seq", seq: 5000 });
  await settled();
  await reader.older();
  stream.add(2);
  await settled();
  expect(held()).toEqual(range(0, 62));
});

test("looks backwards for records that pass the filter", async () => {
  const stream = new ScriptedStream(30_000);
  const { reader, held } = reading(stream);
  reader.setFilter((record) => record.seq_num % 5000 === 7);
  reader.start({ kind: "tail" });
  await settled();
  await reader.older();
  expect(held()).toEqual([10_007, 15_007, 20_007, 25_007]);
});

test("says what went wrong, and begins anew when told", async () => {
  const stream = new ScriptedStream(3);
  const { reader, held } = reading(stream);
  reader.start({ kind: "tail" });
  await settled();
  stream.fail(new Error("gone"));
  await settled();
  expect([reader.phase, (reader.error as Error).message, stream.open_]).toEqual(["failed", "gone", 0]);
  stream.failure = undefined;
  reader.start({ kind: "seq", seq: 1 });
  await settled();
  expect([reader.phase, held()]).toEqual(["reading", [1, 2]]);
});

test("does not look backwards again by itself when that has failed", async () => {
  const stream = new ScriptedStream(100);
  const { reader } = reading(stream);
  reader.start({ kind: "tail" });
  await settled();
  stream.failure = new Error("gone");
  await expect(reader.older()).rejects.toThrow("gone");
  expect(reader.hasOlder).toBe(false);
});

test("counts records that are missing between batches", async () => {
  const stream = new ScriptedStream(10);
  const { reader } = reading(stream);
  reader.start({ kind: "seq", seq: 0 });
  await settled();
  stream.records.push(recordOf(14));
  stream.add(0);
  await settled();
  expect(reader.missing).toBe(4);
});

test("leaves nothing open, however often it is started", async () => {
  const stream = new ScriptedStream(10);
  const { reader } = reading(stream);
  for (let seq = 0; seq < 5; seq++) reader.start({ kind: "seq", seq });
  await settled();
  expect(stream.open_).toBe(1);
  reader.stop();
  await settled();
  expect(stream.open_).toBe(0);
});
