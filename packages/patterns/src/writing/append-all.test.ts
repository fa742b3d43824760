import {
  type AppendRecordInput,
  FencingTokenMismatchError,
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  meteredBytes,
  S2Error,
} from "@s2-dev/streamstore-core";
import { createFakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { encodeAppendBatch } from "@s2-dev/streamstore-core/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryAppendSession } from "../../test/memory-append-session.js";
import { MemoryStream, sizeOf } from "../../test/memory-stream.js";
import { propertyRuns, propertyTimeout } from "../../test/property-runs.js";
import { AppendAllError, type AppendProgress, appendAll } from "./index.js";

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: `${index}` }));

function* broken(count: number, error: unknown): Generator<AppendRecordInput> {
  yield* numbered(count);
  throw error;
}

async function failureOf(promise: Promise<unknown>): Promise<AppendAllError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AppendAllError);
  return thrown as AppendAllError;
}

const texts = (stream: MemoryStream) => stream.records.map(({ body }) => new TextDecoder().decode(body));

/** A source that gives what it is told to, when it is told to. */
function createTap() {
  const waiting: ((result: IteratorResult<AppendRecordInput>) => void)[] = [];
  const tap = {
    isReturned: false,
    asked: 0,
    give: (body: string) => waiting.shift()?.({ done: false, value: { body } }),
    end: () => waiting.shift()?.({ done: true, value: undefined }),
    [Symbol.asyncIterator]: () => ({
      next: () => {
        tap.asked += 1;
        return new Promise<IteratorResult<AppendRecordInput>>((resolve) => waiting.push(resolve));
      },
      return: async () => {
        tap.isReturned = true;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return tap;
}

describe("appending all of a source", () => {
  it("keeps every limit and the order, whatever the sizes are", {
    timeout: propertyTimeout(60_000),
  }, async () => {
    const large = fc.integer({ min: 0, max: 400_000 }).map((length) => ({ body: "x".repeat(length) }));
    const small = fc.integer({ min: 0, max: 9 }).map((digit) => ({ body: `${digit}` }));
    const sources = fc.array(
      fc
        .tuple(fc.oneof(small, large), fc.integer({ min: 1, max: 700 }))
        .map(([record, times]) =>
          Array.from({ length: record.body.length > 1000 ? 3 : times }, () => record),
        ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(sources, fc.boolean(), async (parts, isAsync) => {
        const records = parts.flat();
        const stream = new MemoryStream();
        const source = isAsync
          ? (async function* () {
              yield* records;
            })()
          : records;
        const progress = await appendAll(new MemoryAppendSession(stream), source, {
          clock: createFakeClock(),
        });
        expect(stream.records.map(({ body }) => body.length)).toEqual(records.map(({ body }) => body.length));
        expect(progress).toMatchObject({ records: records.length, bytes: sizeOf(records) });
        for (const [index, batch] of stream.batches.entries()) {
          const next = stream.batches[index + 1]?.records[0];
          const isFull =
            batch.records.length === MAX_BATCH_RECORDS ||
            next === undefined ||
            sizeOf(batch.records) + meteredBytes(next) > MAX_BATCH_BYTES;
          expect(isFull, `batch ${index} is as large as it may be`).toBe(true);
        }
      }),
      { numRuns: propertyRuns(25) },
    );
  });

  it("splits by encoded size, which short headers double", async () => {
    const headers = Array.from({ length: 131_070 }, () => ["n", "v"] as const);
    const fencing_token = "t".repeat(36);
    const records = Array.from({ length: 4 }, () => ({ headers }));
    expect(sizeOf(records.slice(0, 2))).toBe(MAX_BATCH_BYTES);
    expect(() => encodeAppendBatch(records.slice(0, 2), { fencing_token })).toThrow("bytes encoded");
    const stream = new MemoryStream();
    await appendAll(new MemoryAppendSession(stream), records, { fencing_token });
    expect(stream.records).toHaveLength(4);
    for (const batch of stream.batches) {
      expect(() => encodeAppendBatch(batch.records, { fencing_token })).not.toThrow();
    }
  });

  it("tells after each batch what is durable", async () => {
    const told: AppendProgress[] = [];
    const session = new MemoryAppendSession(new MemoryStream());
    const result = await appendAll(session, numbered(5), {
      maxBatchRecords: 2,
      onProgress: (progress) => told.push(progress),
    });
    expect(
      told.map(({ records, batches, start, end }) => [records, batches, start?.seq_num, end?.seq_num]),
    ).toEqual([
      [2, 1, 0, 2],
      [4, 2, 0, 4],
      [5, 3, 0, 5],
    ]);
    expect(result).toEqual(told[2]);
    expect(session.lifecycle).toBe("accepting");
  });

  it("appends nothing of an empty source", async () => {
    const stream = new MemoryStream();
    expect(await appendAll(new MemoryAppendSession(stream), [])).toEqual({
      records: 0,
      bytes: 0,
      batches: 0,
      start: undefined,
      end: undefined,
    });
    expect(stream.batches).toEqual([]);
  });

  it("puts its conditions on every batch, the expected place moved on", async () => {
    const stream = new MemoryStream();
    stream.append({ records: [{ body: "before" }] });
    const sent: unknown[] = [];
    const session = new MemoryAppendSession(stream);
    const spied = {
      enqueue: (...[records, args]: Parameters<MemoryAppendSession["enqueue"]>) => {
        sent.push(args);
        return session.enqueue(records, args);
      },
    };
    await appendAll(spied, numbered(5), { maxBatchRecords: 2, match_seq_num: 1, fencing_token: "mine" });
    expect(sent).toEqual([1, 3, 5].map((match_seq_num) => ({ match_seq_num, fencing_token: "mine" })));
  });

  it("takes no more from its source than the session has room for", async () => {
    const session = new MemoryAppendSession(new MemoryStream(), { maxInflightBytes: 100, isManual: true });
    let taken = 0;
    const source = (function* () {
      for (; taken < 1000; taken += 1) yield { body: "x".repeat(10) };
    })();
    const appended = appendAll(session, source, { maxBatchRecords: 1 });
    await flushMicrotasks();
    expect(session.inflight).toBe(5);
    expect(taken).toBeLessThan(10);
    session.land(3);
    await flushMicrotasks();
    expect(session.inflight).toBe(5);
    expect(taken).toBeLessThan(13);
    while (taken < 1000 || session.inflight > 0) {
      session.land();
      await flushMicrotasks();
    }
    expect((await appended).records).toBe(1000);
  });

  it("sends what a slow source has given once it has lingered", async () => {
    const clock = createFakeClock();
    const stream = new MemoryStream();
    const tap = createTap();
    const appended = appendAll(new MemoryAppendSession(stream), tap, { lingerDurationMillis: 20, clock });
    await flushMicrotasks();
    tap.give("a");
    await flushMicrotasks();
    tap.give("b");
    await clock.advance(19);
    expect(texts(stream)).toEqual([]);
    await clock.advance(1);
    expect(texts(stream)).toEqual(["a", "b"]);
    tap.give("c");
    await flushMicrotasks();
    tap.end();
    expect((await appended).batches).toBe(2);
    expect(texts(stream)).toEqual(["a", "b", "c"]);
    expect(clock.pending).toEqual([]);
  });
});

describe("an append of a source that fails", () => {
  it("has made exactly the records durable that came before its source threw", async () => {
    const stream = new MemoryStream();
    const cause = new Error("the disk is gone");
    const error = await failureOf(
      appendAll(new MemoryAppendSession(stream), broken(5, cause), { maxBatchRecords: 2 }),
    );
    expect(texts(stream)).toEqual(["0", "1", "2", "3", "4"]);
    expect(error).toMatchObject({ progress: { records: 5, end: { seq_num: 5 } }, uncertain: 0 });
    expect((error.cause as S2Error).cause).toBe(cause);
    expect(error.message).toContain("5 records are durable, and no other");
  });

  it.each([
    ["no record", "text", "Record 3 of the source must be an object"],
    ["too large", { body: "x".repeat(MAX_BATCH_BYTES) }, "Record 3 of the source has 1048584 metered bytes"],
    // What only the encoder sees: the rest of its batch is good.
    [
      "refused by the encoder",
      {
        headers: [
          ["", "x"],
          ["a", "b"],
        ],
      },
      "Record 3 of the source: ",
    ],
  ])("so too when a record is %s", async (_, wrong, message) => {
    const stream = new MemoryStream();
    const source = [...numbered(3), wrong as AppendRecordInput, ...numbered(3)];
    const session = new MemoryAppendSession(stream);
    const checking = {
      enqueue: async (...[records, args]: Parameters<MemoryAppendSession["enqueue"]>) => {
        encodeAppendBatch(records as AppendRecordInput[]);
        return session.enqueue(records, args);
      },
    };
    const error = await failureOf(appendAll(checking, source));
    expect(texts(stream)).toEqual(["0", "1", "2"]);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", progress: { records: 3 }, uncertain: 0 });
    expect(error.message).toContain(message);
  });

  it("knows what is durable, what may be, and what is not, when its session fails", async () => {
    const session = new MemoryAppendSession(new MemoryStream(), { isManual: true, maxInflightBytes: 60 });
    const tap = createTap();
    const appended = appendAll(session, tap, { maxBatchRecords: 2, clock: createFakeClock() });
    for (let index = 0; index < 6; index += 1) {
      await flushMicrotasks();
      tap.give(`${index}`);
    }
    await flushMicrotasks();
    session.land(1);
    await flushMicrotasks();
    session.fail(new S2Error({ message: "gone", code: "CONNECTION_LOST" }));
    const error = await failureOf(appended);
    expect(error).toMatchObject({
      code: "CONNECTION_LOST",
      sideEffect: "possible",
      progress: { records: 2, end: { seq_num: 2 } },
      uncertain: 4,
    });
    expect(error.message).toContain("2 records are durable, and the next 4 may be");
    expect(tap.isReturned).toBe(true);
  });

  it("is certain that nothing landed when the service refused", async () => {
    const session = new MemoryAppendSession(new MemoryStream(), { isManual: true });
    const appended = appendAll(session, numbered(4), { maxBatchRecords: 2 });
    await flushMicrotasks();
    session.fail(new FencingTokenMismatchError({ expectedFencingToken: "theirs", sideEffect: "none" }));
    const error = await failureOf(appended);
    expect(error).toMatchObject({ status: 412, sideEffect: "none", progress: { records: 0 }, uncertain: 0 });
    expect(error.cause).toBeInstanceOf(FencingTokenMismatchError);
    expect(error.message).toContain("0 records are durable, and no other");
  });

  it("ends when it is aborted, however long its source would take, and leaves the session to its owner", async () => {
    const session = new MemoryAppendSession(new MemoryStream(), { isManual: true });
    const controller = new AbortController();
    const clock = createFakeClock();
    const tap = createTap();
    const appended = appendAll(session, tap, { signal: controller.signal, maxBatchRecords: 1, clock });
    await flushMicrotasks();
    tap.give("a");
    await flushMicrotasks();
    controller.abort("enough");
    const error = await failureOf(appended);
    expect(error).toMatchObject({ code: "ABORTED", progress: { records: 0 }, uncertain: 1 });
    expect((error.cause as S2Error).cause).toBe("enough");
    expect([tap.isReturned, session.lifecycle, clock.pending.length]).toEqual([true, "accepting", 0]);
  });

  it("takes nothing when it was aborted before, or its options are wrong", async () => {
    const source = {
      [Symbol.iterator]: () => {
        throw new Error("nobody may ask");
      },
    };
    const session = new MemoryAppendSession(new MemoryStream());
    const aborted = await failureOf(appendAll(session, source, { signal: AbortSignal.abort("before") }));
    expect(aborted).toMatchObject({ code: "ABORTED", uncertain: 0 });
    for (const wrong of [
      { maxBatchRecords: 1001 },
      { maxBatchBytes: 0 },
      { lingerDurationMillis: -1 },
      { maxBatchRecords: Number.NaN },
      { matchSeqNum: 0 },
      { fencingToken: "another era's name" },
    ]) {
      await expect(appendAll(session, source, wrong)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    await expect(appendAll(session, 5 as never)).rejects.toThrow("the source must be iterable; got 5");
  });

  it("ends with what a listener of its progress threw", async () => {
    const stream = new MemoryStream();
    const error = await failureOf(
      appendAll(new MemoryAppendSession(stream), numbered(4), {
        maxBatchRecords: 2,
        onProgress: () => {
          throw new Error("no more");
        },
      }),
    );
    expect(error.message).toContain("no more");
    expect(error).toMatchObject({ progress: { records: stream.records.length }, uncertain: 0 });
  });
});
