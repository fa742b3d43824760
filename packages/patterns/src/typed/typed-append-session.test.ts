import { S2Error } from "@s2-dev/streamstore-core";
import { createFakeClock, type FakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import { propertyRuns, propertyTimeout } from "../../test/property-runs.js";
import { typed } from "./index.js";

const MIB = 1024 * 1024;

let source: MemorySource;
let clock: FakeClock;
beforeEach(() => {
  source = new MemorySource();
  clock = createFakeClock();
});

const numbers = () => typed(source, { schema: z.number() });
const strings = () => typed(source, { schema: z.string() });
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: unknown) => error,
  );
const batchSizes = () => source.stream.batches.map(({ records }) => records.length);
const lost = new S2Error({ message: "lost", code: "CONNECTION_LOST" });

async function valuesIn(from: MemorySource): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of typed(from, { schema: z.unknown() }).follow({ seq_num: 0 }))
    values.push(value);
  return values;
}

describe("submitting", () => {
  it("gathers small messages into one batch until the linger has passed", async () => {
    const session = await numbers().appendSession({ clock });
    const ranges = Promise.all([1, 2, 3].map((value) => session.submit(value)));
    await flushMicrotasks();
    expect(batchSizes()).toEqual([]);
    clock.advance(5);
    expect(await ranges).toEqual([0, 1, 2].map((start) => ({ start, end: start + 1 })));
    expect(batchSizes()).toEqual([3]);
    void session.submit(4);
    await session.close();
    expect(batchSizes()).toEqual([3, 1]);
    expect(await valuesIn(source)).toEqual([1, 2, 3, 4]);
  });

  it("sends a batch when the next message does not fit, and never splits one that fits a batch", async () => {
    const session = await strings().appendSession({ clock });
    const sizes = [400_000, 400_000, 400_000, 10, 3 * MIB, 10];
    const ranges = sizes.map((size) => session.submit("x".repeat(size)));
    await session.close();
    expect(batchSizes()).toEqual([2, 2, 1, 1, 1, 1, 1]);
    expect((await Promise.all(ranges)).map(({ start, end }) => end - start)).toEqual([1, 1, 1, 1, 4, 1]);
    const thousand = await numbers().appendSession({ clock });
    for (let index = 0; index < 1001; index += 1) void thousand.submit(index);
    await thousand.close();
    expect(batchSizes().slice(-2)).toEqual([1000, 1]);
  });

  it("refuses only the message that does not fit", async () => {
    const session = await numbers().appendSession({ clock });
    const good = session.submit(1);
    const bad = session.submit("2" as never);
    const more = session.submit(3);
    expect(await outcome(bad)).toMatchObject({ code: "INVALID_MESSAGE", problem: "schema" });
    await session.close();
    expect(await Promise.all([good, more])).toHaveLength(2);
  });

  it("keeps the order of the calls, whatever validators take their time", async () => {
    const waits = new Map([
      ["slow", 5],
      ["quick", 0],
    ]);
    const schema = z.string().refine(async (text) => {
      for (let turn = 0; turn < (waits.get(text) ?? 0); turn += 1) await Promise.resolve();
      return text !== "bad";
    });
    const session = await typed(source, { schema }).appendSession({ clock });
    const sent = ["slow", "bad", "quick", "slow"].map((text) => outcome(session.submit(text)));
    await session.close();
    expect(await Promise.all(sent)).toMatchObject(["done", { problem: "schema" }, "done", "done"]);
    expect(await valuesIn(source)).toEqual(["slow", "quick", "slow"]);
  });

  it("resolves a flush when everything is durable, without the linger", async () => {
    source.sessionOptions = { isManual: true };
    const session = await numbers().appendSession({ clock });
    void session.submit(1);
    const flushed = session.flush();
    await flushMicrotasks();
    expect(source.sessions[0]?.inflight).toBe(1);
    source.sessions[0]?.land();
    await flushed;
    expect(batchSizes()).toEqual([1]);
    await session.flush();
  });

  it("waits for room when it is asked to", async () => {
    source.sessionOptions = { isManual: true, maxInflightBytes: MIB };
    const session = await strings().appendSession({ clock });
    const large = "x".repeat(900_000);
    await session.enqueue(large);
    await session.enqueue(large);
    const third = session.enqueue(large);
    const fourth = session.enqueue(large);
    let isPlaced = false;
    void fourth.then(() => {
      isPlaced = true;
    });
    await flushMicrotasks();
    expect(isPlaced).toBe(false);
    for (let turn = 0; turn < 4; turn += 1) {
      source.sessions[0]?.land();
      await flushMicrotasks();
    }
    const ticket = await third;
    expect(await ticket.ack()).toEqual({ start: 2, end: 3 });
    expect(isPlaced).toBe(true);
  });
});

describe("numbering", () => {
  it("lets readers drop the copies which retries leave, and can be turned off", async () => {
    for (const dedupe of [true, false]) {
      const own = new MemorySource();
      const session = await typed(own, { schema: z.number() }).appendSession({ clock, dedupe });
      for (const value of [1, 2, 3]) {
        void session.submit(value);
        await session.flush();
      }
      const [first, second, third] = own.stream.batches.map(({ records }) => records);
      own.put(...second!, ...third!);
      expect(await valuesIn(own)).toEqual(dedupe ? [1, 2, 3] : [1, 2, 3, 2, 3]);
      expect(first?.[0]?.headers).toHaveLength(dedupe ? 4 : 0);
    }
  });

  it("goes on after a restart under the old name", async () => {
    const first = await numbers().appendSession({ clock, writerId: "w" });
    for (const value of [1, 2]) void first.submit(value);
    await first.flush();
    const { nextDedupeSeq } = first;
    expect(nextDedupeSeq).toBe(2n);
    const second = await numbers().appendSession({ clock, writerId: "w", dedupeSeq: 1 });
    for (const value of [2, 3]) void second.submit(value);
    await second.close();
    expect(await valuesIn(source)).toEqual([1, 2, 3]);
  });

  it("is left to exactly-once mode where that is on", async () => {
    const session = await numbers().appendSession({ clock, exactlyOnce: true });
    void session.submit(1);
    await session.close();
    expect(source.stream.batches[0]?.records[0]?.headers).toEqual([]);
  });
});

describe("conditions", () => {
  it("go with every batch: the place that it expects, and the fencing token of the moment", async () => {
    let asked = 0;
    const token = (): string => {
      asked += 1;
      return `token-${asked}`;
    };
    const session = await strings().appendSession({
      clock,
      matchSeqNum: 0,
      fencingToken: token,
    });
    const seen: unknown[] = [];
    const [memory] = source.sessions;
    const enqueue = memory!.enqueue.bind(memory);
    memory!.enqueue = (records, args) => {
      seen.push([args?.match_seq_num, args?.fencing_token]);
      return enqueue(records, args);
    };
    void session.submit("a");
    void session.submit("x".repeat(2 * MIB));
    await session.close();
    expect(seen).toEqual([
      [0, "token-1"],
      [1, "token-2"],
      [2, "token-3"],
      [3, "token-4"],
    ]);
  });

  it("can go through a session that is open already, between what a lease sends there", async () => {
    const raw = await source.appendSession();
    const session = await numbers().appendSession({ clock, session: raw, dedupe: false });
    const ranges = [session.submit(1), session.flush(), raw.submit({ body: "renewed" }), session.submit(2)];
    await session.close();
    expect(await ranges[3]).toEqual({ start: 2, end: 3 });
    expect(source.sessions).toHaveLength(1);
    expect(batchSizes()).toEqual([1, 1, 1]);
  });

  it.each([
    ["dedupe", { dedupe: 1 }],
    ["writerId", { writerId: "x".repeat(257) }],
    ["dedupeSeq", { dedupeSeq: -1 }],
    ["matchSeqNum", { matchSeqNum: 0.5 }],
    ["fencingToken", { fencingToken: 5 }],
    ["lingerDurationMillis", { lingerDurationMillis: Number.NaN }],
  ])("and other options are refused before a session is opened: %s", async (name, options) => {
    await expect(numbers().appendSession(options as never)).rejects.toThrow(name);
    expect(source.sessions).toEqual([]);
  });

  it("and a session that is given takes none of those that open one, nor its promise", async () => {
    const raw = await source.appendSession();
    // As one that is exactly-once its messages would not be numbered, and it is not.
    for (const option of [{ exactlyOnce: true }, { maxInflightBytes: MIB }, { retry: { maxAttempts: 1 } }]) {
      const [name = ""] = Object.keys(option);
      await expect(numbers().appendSession({ session: raw, ...option })).rejects.toThrow(
        `${name} cannot be given beside a session`,
      );
    }
    await expect(numbers().appendSession({ session: source.appendSession() as never })).rejects.toThrow(
      "session must be an append session, not a promise of one; got an object",
    );
    expect(raw.writable.locked).toBe(false);
  });
});

describe("the writable", () => {
  it("takes messages with their metadata, and closes the session", async () => {
    const session = await numbers().appendSession({ clock });
    const messagesToWrite = new ReadableStream<{ value: number; key?: string }>({
      start(controller) {
        controller.enqueue({ value: 1, key: "a" });
        controller.enqueue({ value: 2 });
        controller.close();
      },
    });
    await messagesToWrite.pipeTo(session.writable);
    expect(source.sessions[0]?.lifecycle).toBe("closed");
    const messages = await numbers().read();
    expect(messages.map(({ value, key }) => [value, key])).toEqual([
      [1, "a"],
      [2, undefined],
    ]);
    expect(batchSizes()).toEqual([2]);
  });

  it("fails with a message that does not fit, behind those before it", async () => {
    const session = await numbers().appendSession({ clock });
    const writer = session.writable.getWriter();
    void writer.write({ value: 1 });
    expect(await outcome(writer.write({ value: "2" as never }))).toMatchObject({ problem: "schema" });
    expect(await outcome(session.submit(3))).toMatchObject({ problem: "schema" });
    expect(await outcome(session.close())).toMatchObject({ problem: "schema" });
    expect(await valuesIn(source)).toEqual([1]);
    await writer.closed.catch(() => {});
  });

  it("is felt by a pipe when the session has no room", async () => {
    source.sessionOptions = { isManual: true, maxInflightBytes: MIB };
    let taken = 0;
    const messages = new ReadableStream(
      {
        pull(controller) {
          taken += 1;
          controller.enqueue({ value: "x".repeat(900_000) });
        },
      },
      { highWaterMark: 0 },
    );
    const session = await strings().appendSession({ clock });
    const piped = outcome(messages.pipeTo(session.writable));
    await flushMicrotasks(500);
    expect(taken).toBeLessThan(6);
    await session.abort("enough");
    await piped;
  });
});

describe("failures", () => {
  it("reject what is under way, later messages, and close()", async () => {
    source.sessionOptions = { isManual: true };
    const session = await numbers().appendSession({ clock });
    const { writable } = session;
    const sent = outcome(session.submit(1));
    void session.submit(2);
    session.flush().catch(() => {});
    await flushMicrotasks();
    source.sessions[0]?.fail(lost);
    expect(await sent).toBe(lost);
    expect(await outcome(session.submit(3))).toBe(lost);
    expect(await outcome(session.close())).toBe(lost);
    expect(await outcome(writable.getWriter().closed)).toBe(lost);
  });

  it("are told by a writable that is asked for later", async () => {
    const session = await numbers().appendSession({ clock });
    source.sessions[0]?.fail(lost);
    await flushMicrotasks();
    expect(await outcome(session.writable.getWriter().closed)).toBe(lost);
  });

  it("include an abort, which ends everything at once", async () => {
    source.sessionOptions = { isManual: true };
    const session = await numbers().appendSession({ clock });
    const sent = outcome(session.submit(1));
    session.flush().catch(() => {});
    const gathered = outcome(session.submit(2));
    await session.abort("enough");
    expect(await Promise.all([sent, gathered])).toMatchObject([{ code: "ABORTED" }, { code: "ABORTED" }]);
    expect(clock.pending).toEqual([]);
    expect(await outcome(session.submit(2))).toMatchObject({ code: "ABORTED" });
  });

  it("include a message after the end", async () => {
    const session = await numbers().appendSession({ clock });
    await session.close();
    await session.close();
    // It is none of the class that writes messages without types.
    expect(await outcome(session.submit(1))).toMatchObject({
      code: "SESSION_CLOSED",
      message: "The session is closed",
    });
  });
});

describe("delivery", () => {
  it("is once per writer, in order and identical, for any sizes, batches sent again and writers interleaved", {
    timeout: propertyTimeout(60_000),
  }, async () => {
    const sizeArb = fc.oneof(
      { weight: 10, arbitrary: fc.nat(200) },
      { weight: 1, arbitrary: fc.integer({ min: MIB - 300, max: MIB + 10 }) },
      { weight: 1, arbitrary: fc.nat(3 * MIB) },
    );
    const writerArb = fc.record({
      sizes: fc.array(sizeArb, { maxLength: 6 }),
      dedupe: fc.boolean(),
      repeats: fc.array(fc.record({ landed: fc.nat(4), unacked: fc.nat(4) }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(writerArb, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        async (writers, turns) => {
          const queues = await Promise.all(
            writers.map(async ({ sizes, dedupe, repeats }, writer) => {
              const own = new MemorySource();
              const session = await typed(own, { schema: z.string() }).appendSession({ clock, dedupe });
              for (const [index, size] of sizes.entries()) {
                void session.submit(`${index}:${"x".repeat(size)}`, { key: String(writer) });
                if (size % 2 === 0) void session.flush();
              }
              await session.close();
              const { batches } = own.stream;
              // Without numbers a repeated batch repeats its messages, as documented.
              return dedupe ? withRepeats(batches, repeats) : [...batches];
            }),
          );
          const stream = new MemorySource();
          for (const turn of turns) {
            const batch = queues[turn % queues.length]?.shift();
            if (batch !== undefined) stream.put(...batch.records);
          }
          for (const batch of queues.flat()) stream.put(...batch.records);
          const read = await typed(stream, { schema: z.string() }).read({
            maxBytes: Number.MAX_SAFE_INTEGER,
          });
          const got = writers.map((_, writer) =>
            read
              .filter(({ key }) => key === String(writer))
              .map(({ value }) => [value.slice(0, 2), value.length]),
          );
          expect(got).toEqual(
            writers.map(({ sizes }) => sizes.map((size, index) => [`${index}:`, size + 2])),
          );
        },
      ),
      { numRuns: propertyRuns(30) },
    );
  });
});

/** What lands when a session sends batches in order and, after each break, again what was not acknowledged. */
function withRepeats<T>(
  batches: readonly T[],
  repeats: readonly { readonly landed: number; readonly unacked: number }[],
): T[] {
  const landed: T[] = [];
  let next = 0;
  for (const { landed: count, unacked } of repeats) {
    landed.push(...batches.slice(next, next + count));
    next = Math.max(0, Math.min(batches.length, next + count) - unacked);
  }
  return [...landed, ...batches.slice(next)];
}
