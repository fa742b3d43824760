import * as core from "@s2-dev/streamstore-core";
import { afterEach, expect, it } from "vitest";
import { createAppendSession } from "./append-session.js";
import { AppendInput, AppendRecord, BatchTransform, CaughtUpTracker, Producer, S2Error } from "./index.js";
import { createReadSession } from "./read-session.js";

const lost = new core.S2Error({ message: "lost", code: "CONNECTION_LOST" });

/** What no program heard of, and would end one. */
const unheard: unknown[] = [];
const hear = (reason: unknown): unknown => unheard.push(reason);
process.on("unhandledRejection", hear);
afterEach(() => {
  unheard.length = 0;
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An engine's session whose batches all fail. */
function failingSession(): core.AppendSession {
  const ticket = { bytes: 9, numRecords: 1, ack: () => Promise.reject(lost) };
  return {
    enqueue: async () => ticket,
    close: async () => {},
    failureCause: () => lost,
    writable: new WritableStream(),
  } as unknown as core.AppendSession;
}

/** An engine's session with one batch that reaches the tail. */
function sessionOf(bodies: readonly string[]): core.ReadSession {
  const records = bodies.map((body, seq_num) => ({
    seq_num,
    timestamp: 1000 + seq_num,
    body,
    headers: {},
    headerList: [],
  }));
  const tail = { seq_num: bodies.length, timestamp: 999 + bodies.length };
  let given = false;
  return {
    nextReadPosition: () => (given ? tail : { seq_num: 0, timestamp: 0 }),
    lastObservedTail: () => tail,
    isCaughtUp: () => given,
    caughtUp: async () => tail,
    cancel: async () => {},
    batches: () => ({
      next: async () => {
        if (given) return { done: true, value: undefined };
        given = true;
        return { done: false, value: { records, tail } };
      },
    }),
  } as unknown as core.ReadSession;
}

it("lets acknowledgements be left alone: the session tells of its failure too", async () => {
  const session = createAppendSession(failingSession());
  const input = AppendInput.create([AppendRecord.string({ body: "x" })]);
  const ticket = await session.submit(input);
  ticket.ack();
  const producer = new Producer(
    new BatchTransform({ maxBatchRecords: 1 }),
    createAppendSession(failingSession()),
  );
  const ofRecord = await producer.submit(AppendRecord.string({ body: "x" }));
  ofRecord.ack();
  const tracker = new CaughtUpTracker();
  tracker.caughtUp();
  tracker.end();
  await turn();
  expect(unheard).toEqual([]);
  await expect(ticket.ack()).rejects.toBeInstanceOf(S2Error);
  await expect(ofRecord.ack()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(session.failureCause()).toBeInstanceOf(S2Error);
});

it("lets the wait for the tail be left alone", async () => {
  const engine = { ...sessionOf(["a"]), caughtUp: () => Promise.reject(lost) };
  createReadSession(engine as core.ReadSession).caughtUp();
  await turn();
  expect(unheard).toEqual([]);
});

it("takes whole batches, and has its position and the tail follow what was handed over", async () => {
  const session = createReadSession(sessionOf(["a", "b"]));
  const records = session[Symbol.asyncIterator]();
  expect(session.nextReadPosition()?.seqNum).toBe(0);
  expect((await records.next()).value?.body).toBe("a");
  let isToldOfTail = false;
  const caughtUp = session.caughtUp().then((tail) => {
    isToldOfTail = true;
    return tail;
  });
  await turn();
  expect(session.nextReadPosition()).toEqual({ seqNum: 1, timestamp: new Date(1000) });
  expect([session.isCaughtUp(), isToldOfTail]).toEqual([false, false]);
  expect((await records.next()).value?.body).toBe("b");
  expect(await caughtUp).toEqual({ seqNum: 2, timestamp: new Date(1001) });
  expect(session.isCaughtUp()).toBe(true);
  expect(await records.next()).toEqual({ done: true, value: undefined });
});
