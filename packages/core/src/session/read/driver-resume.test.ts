import { describe, expect, it } from "vitest";
import { RangeNotSatisfiableError, S2Error } from "../../error/s2-error.js";
import { collect, flushMicrotasks, observe, readRecords } from "../../testing/index.js";
import { fault, openedRig, rangeOf, readRig } from "./read.fixture.js";

const MINUTE = 60_000;
const seqNums = (records: readonly { seq_num: number }[]): number[] => records.map(({ seq_num }) => seq_num);

describe("after a broken link, a read session", () => {
  it("resumes behind the last record received, without loss or repetition [D1-88, G-8]", async () => {
    const rig = await openedRig({ seq_num: 3 });
    const reading = collect(rig.session);
    rig.link.batch(readRecords(3, 4));
    await flushMicrotasks();
    const second = await rig.reopen();
    expect(rangeOf(second)).toEqual({ seq_num: 7 });
    second.batch(readRecords(7, 2));
    second.end();
    expect(seqNums(await reading)).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it.each([{ timestamp: 1004 }, { tail_offset: 3 }, {}])(
    "puts an absolute start in the place of a relative one: %j [D1-79]",
    async (range) => {
      const rig = readRig(range);
      const link = await rig.open();
      link.batch(readRecords(4, 1));
      await flushMicrotasks();
      const reading = observe(collect(rig.session));
      await flushMicrotasks();
      expect(rangeOf(await rig.reopen())).toEqual({ seq_num: 5 });
      expect(reading.state).toBe("pending");
    },
  );

  it("loses nothing when it breaks right after readSession() resolved at the tail [D2-13, H-7]", async () => {
    const rig = readRig({ tail_offset: 0 });
    const link = await rig.open();
    link.heartbeat({ seq_num: 10, timestamp: 100 });
    await flushMicrotasks();
    const reading = observe(rig.session[Symbol.asyncIterator]().next());
    await flushMicrotasks();
    const second = await rig.reopen();
    expect(rangeOf(second)).toEqual({ seq_num: 10 });
    second.batch(readRecords(10, 1));
    await flushMicrotasks();
    expect(reading.value?.value).toMatchObject({ seq_num: 10 });
  });

  it("asks only for what is left of the limits, and keeps the rest of the question", async () => {
    const rig = await openedRig({ seq_num: 0, count: 10, bytes: 1000, until: 9999, clamp: true });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 4), { meteredBytes: 300 });
    await flushMicrotasks();
    const second = await rig.reopen();
    expect(rangeOf(second)).toEqual({ seq_num: 4, count: 6, bytes: 700, until: 9999, clamp: true });
    second.end();
    await flushMicrotasks();
    expect(reading.state).toBe("fulfilled");
  });

  it("keeps clamp meaning the tail of the first link: an anchored start is not clamped again", async () => {
    const rig = await openedRig({ seq_num: 50, clamp: true });
    const next = observe(rig.session[Symbol.asyncIterator]().next());
    await flushMicrotasks();
    rig.link.heartbeat({ seq_num: 20, timestamp: 1 });
    await flushMicrotasks();
    expect(rig.session.nextReadPosition()).toEqual({ seq_num: 20, timestamp: 1 });
    expect(rangeOf(await rig.reopen())).toEqual({ seq_num: 20, clamp: true });
    expect(next.state).toBe("pending");
  });

  it("ends, and does not ask for nothing, when it has had all it wanted [D2-14]", async () => {
    const rig = await openedRig({ seq_num: 0, count: 2 });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 2));
    await flushMicrotasks();
    rig.link.fail(fault("CONNECTION_LOST"));
    await flushMicrotasks();
    expect(seqNums(reading.value ?? [])).toEqual([0, 1]);
    expect(rig.transport.reads).toHaveLength(1);
    expect(rig.clock.pending).toEqual([]);
  });

  it.each([
    ["count", { count: 2 }],
    ["bytes", { bytes: 16 }],
  ])("does not wait long for a server that goes on after the limit: %s", async (_, limit) => {
    const rig = await openedRig({ seq_num: 0, ...limit });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 2));
    await rig.clock.advance(999);
    expect(reading.state).toBe("pending");
    await rig.clock.advance(1);
    expect(seqNums(reading.value ?? [])).toEqual([0, 1]);
    expect(rig.link.abortedWith).toBeDefined();
  });

  it("hands over nothing beyond a limit", async () => {
    const rig = await openedRig({ seq_num: 0, count: 2 });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 2));
    rig.link.batch(readRecords(2, 2));
    await flushMicrotasks();
    expect(seqNums(reading.value ?? [])).toEqual([0, 1]);
  });

  it("ends by itself once the limit is reached, although nobody asks for more", async () => {
    const rig = await openedRig({ seq_num: 0, count: 1 });
    rig.link.batch(readRecords(0, 1));
    rig.link.end();
    const iterator = rig.session[Symbol.asyncIterator]();
    await iterator.next();
    await flushMicrotasks();
    expect(rig.endings).toBe(1);
    expect(rig.clock.pending).toEqual([]);
    expect((await iterator.next()).done).toBe(true);
  });

  it("takes a 416 at exactly its position as the end of what there is [H-11]", async () => {
    const rig = await openedRig({ seq_num: 0, count: 100 });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 3));
    await flushMicrotasks();
    rig.link.fail(fault("CONNECTION_LOST"));
    await rig.clock.runNext();
    rig.transport.read().refuse(new RangeNotSatisfiableError({ tail: { seq_num: 3, timestamp: 0 } }));
    await flushMicrotasks();
    expect(reading.value).toHaveLength(3);
  });

  it("does not take a 416 anywhere else for an end", async () => {
    const rig = await openedRig({ seq_num: 0, count: 100 });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 3));
    await flushMicrotasks();
    rig.link.fail(fault("CONNECTION_LOST"));
    await rig.clock.runNext();
    rig.transport.read().refuse(new RangeNotSatisfiableError({ tail: { seq_num: 1, timestamp: 0 } }));
    await flushMicrotasks();
    expect(reading.reason).toBeInstanceOf(RangeNotSatisfiableError);
  });

  it("sends only what remains of the wait [D1-35, D2-18]", async () => {
    const rig = await openedRig({ seq_num: 0, wait: 30 });
    void observe(collect(rig.session));
    rig.link.batch(readRecords(0, 1));
    await rig.clock.advance(5000);
    rig.link.heartbeat({ seq_num: 1, timestamp: 0 });
    await rig.clock.advance(7500);
    rig.link.heartbeat({ seq_num: 1, timestamp: 0 });
    const second = await rig.reopen();
    expect(rangeOf(second)).toEqual({ seq_num: 1, wait: 23 });
  });

  it.each([
    ["all of it", 0, 3],
    ["a part of it", 2, 3],
  ])(
    "is ended by a server that sends again what was received, %s, and hands over none of that [G-8]",
    async (_, first, count) => {
      const rig = await openedRig();
      const iterator = rig.session[Symbol.asyncIterator]();
      rig.link.batch(readRecords(0, 3));
      for (let seqNum = 0; seqNum < 3; seqNum += 1) await iterator.next();
      const next = observe(iterator.next());
      await flushMicrotasks();
      const second = await rig.reopen();
      second.batch(readRecords(first, count));
      await flushMicrotasks();
      expect(next.reason).toMatchObject({ code: "PROTOCOL_ERROR", sideEffect: "none", attempts: 2 });
      expect(next.reason).toMatchObject({ message: expect.stringContaining(`record ${first} `) });
      expect(rig.session.nextReadPosition()?.seq_num).toBe(3);
      expect(second.abortedWith).toBeDefined();
      expect(rig.clock.pending).toEqual([]);
    },
  );

  it("fails with what cannot be cured, after what came before it", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(readRecords(0, 1));
    rig.link.fail(fault("permission_denied", { origin: "server" }));
    expect((await iterator.next()).value).toMatchObject({ seq_num: 0 });
    await expect(iterator.next()).rejects.toMatchObject({
      code: "permission_denied",
      attempts: 1,
      origin: "server",
    });
    expect((await iterator.next()).done).toBe(true);
    expect(rig.clock.pending).toEqual([]);
  });

  it("keeps the original error when attempts are exhausted, and says that a read changes nothing [D1-42]", async () => {
    const rig = await openedRig({ seq_num: 0 }, { retry: { maxAttempts: 1 } });
    const cause = new Error("socket");
    const reading = observe(collect(rig.session));
    await flushMicrotasks();
    rig.link.fail(fault("CONNECTION_LOST", { cause }));
    await flushMicrotasks();
    expect(reading.reason).toMatchObject({ code: "CONNECTION_LOST", cause, attempts: 1, sideEffect: "none" });
  });

  it("treats whatever a transport throws as its failure [D1-43]", async () => {
    const rig = await openedRig();
    const reading = observe(collect(rig.session));
    await flushMicrotasks();
    rig.link.fail(new TypeError("boom") as never);
    await flushMicrotasks();
    expect(reading.reason).toBeInstanceOf(S2Error);
    expect(reading.reason).toMatchObject({ code: "INTERNAL_ERROR", cause: { message: "boom" } });
  });
});

describe("attempts of a live tail", () => {
  it("count anew after any valid frame, so a quiet tail outlives any number of interruptions [D2-26, H-4]", async () => {
    const rig = await openedRig({ seq_num: 0 }, { retry: { maxAttempts: 2 } });
    const next = observe(rig.session[Symbol.asyncIterator]().next());
    for (let round = 0; round < 20; round += 1) {
      await flushMicrotasks();
      rig.transport.read().heartbeat({ seq_num: 0, timestamp: 0 });
      await flushMicrotasks();
      await rig.reopen(fault("unavailable"));
    }
    expect(next.state).toBe("pending");
    expect(rig.transport.reads).toHaveLength(21);
  });

  it("are not forgiven by a link that opens and says nothing", async () => {
    const rig = await openedRig({ seq_num: 0 }, { retry: { maxAttempts: 2 } });
    const next = observe(rig.session[Symbol.asyncIterator]().next());
    await flushMicrotasks();
    await rig.reopen();
    rig.transport.read().fail(fault("CONNECTION_LOST"));
    await flushMicrotasks();
    expect(next.reason).toMatchObject({ attempts: 2 });
  });

  it("may be unlimited, for outages of any length [D1-89]", async () => {
    const rig = await openedRig({ seq_num: 0 }, { retry: { maxAttempts: "unlimited" } });
    const next = observe(rig.session[Symbol.asyncIterator]().next());
    await flushMicrotasks();
    for (let attempt = 0; attempt < 300; attempt += 1) await rig.reopen();
    expect(rig.clock.now()).toBeGreaterThan(MINUTE);
    expect(next.state).toBe("pending");
  });
});

describe("an unsafe integer", () => {
  it("ends the read after the records before it, whose position stays [D1-27, H-15]", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    const failure = fault("UNSAFE_INTEGER");
    rig.link.batch(readRecords(0, 2), { failure });
    expect((await iterator.next()).value).toMatchObject({ seq_num: 0 });
    expect((await iterator.next()).value).toMatchObject({ seq_num: 1 });
    await expect(iterator.next()).rejects.toMatchObject({ code: "UNSAFE_INTEGER" });
    expect(rig.session.nextReadPosition()).toMatchObject({ seq_num: 2 });
    expect(rig.transport.reads).toHaveLength(1);
    expect(rig.link.abortedWith).toBeDefined();
  });

  it("in the first record ends it at once", async () => {
    const rig = await openedRig();
    const next = rig.session[Symbol.asyncIterator]().next();
    rig.link.batch([], { failure: fault("UNSAFE_INTEGER") });
    await expect(next).rejects.toMatchObject({ code: "UNSAFE_INTEGER" });
  });
});

describe("when the server advises to reconnect, a read session", () => {
  it("follows after the batch that carried it, at most once in 60 s [G-11]", async () => {
    const rig = await openedRig();
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 1), { reconnectAdvised: true });
    await flushMicrotasks();
    expect(rig.link.abortedWith).toMatchObject({ code: "server_draining" });
    await rig.clock.advance(250);
    const second = await rig.open();
    expect(rangeOf(second)).toEqual({ seq_num: 1 });
    second.batch(readRecords(1, 1), { reconnectAdvised: true });
    for (let waited = 0; waited < MINUTE; waited += 15_000) {
      second.batch([], { reconnectAdvised: waited > 0 });
      expect(second.abortedWith).toBeUndefined();
      await rig.clock.advance(15_000);
    }
    second.batch([], { reconnectAdvised: true });
    await flushMicrotasks();
    expect(second.abortedWith).toMatchObject({ code: "server_draining" });
    expect(reading.state).toBe("pending");
  });

  it("keeps 250 ms between attempts, free of the budget [H-5]", async () => {
    const rig = await openedRig({ seq_num: 0 }, { retry: { maxAttempts: 1 } });
    void observe(collect(rig.session));
    rig.link.heartbeat({ seq_num: 0, timestamp: 0 });
    rig.link.batch([], { reconnectAdvised: true });
    await rig.clock.advance(249);
    expect(rig.transport.reads).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.transport.reads).toHaveLength(2);
  });

  it("just ends when the limit was reached with that batch", async () => {
    const rig = await openedRig({ seq_num: 0, count: 1 });
    const reading = observe(collect(rig.session));
    rig.link.batch(readRecords(0, 1), { reconnectAdvised: true });
    rig.link.end();
    await flushMicrotasks();
    expect(reading.value).toHaveLength(1);
    expect(rig.transport.reads).toHaveLength(1);
  });
});

describe("while a server drains, a read session", () => {
  it("makes at most one attempt in 250 ms, and goes on for 60 s before it counts them [D2-20, H-5]", async () => {
    const rig = await openedRig({ seq_num: 0 }, { retry: { maxAttempts: 1 } });
    const reading = observe(collect(rig.session));
    await flushMicrotasks();
    rig.link.fail(fault("server_draining"));
    await flushMicrotasks();
    const times: number[] = [];
    for (let seen = 1; reading.state === "pending" && times.length < 1000; ) {
      await rig.clock.runNext();
      if (rig.transport.reads.length === seen) continue;
      seen = rig.transport.reads.length;
      times.push(rig.clock.now());
      rig.transport.read().refuse(fault("server_draining"));
      await flushMicrotasks();
    }
    expect(times.slice(0, 3)).toEqual([250, 500, 750]);
    expect(times.at(-1)).toBe(MINUTE);
    expect(reading.reason).toMatchObject({ code: "server_draining" });
  });
});
