import { describe, expect, it } from "vitest";
import { collect, flushMicrotasks, observe, readRecords } from "../../testing/index.js";
import { openedRig, rangeOf, readRig } from "./read.fixture.js";

/** The limit, and the time between two looks. */
const LIMIT = 20_000;
const TICK = 5000;

describe("the watchdog of a read", () => {
  it("resets a link that is silent for 20 s, and resumes [D1-30, D2-9]", async () => {
    const rig = await openedRig();
    void observe(collect(rig.session));
    rig.link.batch(readRecords(0, 2));
    await rig.clock.advance(LIMIT + TICK);
    expect(rig.link.abortedWith).toMatchObject({ code: "HEARTBEAT_TIMEOUT" });
    await rig.clock.advance(100);
    expect(rangeOf(rig.transport.read())).toEqual({ seq_num: 2 });
  });

  it("is content with heartbeats", async () => {
    const rig = await openedRig();
    void observe(collect(rig.session));
    for (let minute = 0; minute < 40; minute += 1) {
      rig.link.heartbeat({ seq_num: 0, timestamp: 0 });
      await rig.clock.advance(15_000);
    }
    expect(rig.transport.reads).toHaveLength(1);
  });

  it("is content with bytes that make no frame yet", async () => {
    const rig = await openedRig();
    void observe(collect(rig.session));
    for (let count = 0; count < 20; count += 1) {
      rig.link.receive(1);
      await rig.clock.advance(15_000);
    }
    expect(rig.transport.reads).toHaveLength(1);
  });

  it("does not watch while nobody asks: a slow consumer makes the wire silent by itself", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(readRecords(0, 1));
    await iterator.next();
    await rig.clock.advance(3_600_000);
    expect(rig.link.abortedWith).toBeUndefined();
    void observe(iterator.next());
    await rig.clock.advance(LIMIT - 1);
    expect(rig.link.abortedWith).toBeUndefined();
    await rig.clock.advance(2 * TICK);
    expect(rig.link.abortedWith).toMatchObject({ code: "HEARTBEAT_TIMEOUT" });
  });

  it("does not count the batch read ahead while opening as asked for", async () => {
    const rig = readRig({ tail_offset: 0 });
    const link = await rig.open();
    await rig.clock.advance(1000);
    expect(rig.opening.state).toBe("fulfilled");
    await rig.clock.advance(3_600_000);
    expect(link.abortedWith).toBeUndefined();
  });

  it("lets bytes win that are already here when it fires late [H-1]", async () => {
    const rig = await openedRig();
    const reading = observe(collect(rig.session));
    await flushMicrotasks();
    await rig.clock.advance(TICK);
    rig.clock.block(60_000);
    await rig.clock.turn();
    rig.link.batch(readRecords(0, 1));
    await rig.clock.advance(0);
    expect(rig.link.abortedWith).toBeUndefined();
    expect(reading.state).toBe("pending");
  });

  it("judges after one turn in which nothing came", async () => {
    const rig = await openedRig();
    void observe(collect(rig.session));
    await rig.clock.advance(TICK);
    rig.clock.block(60_000);
    await rig.clock.turn();
    expect(rig.link.abortedWith).toBeUndefined();
    await rig.clock.turn();
    expect(rig.link.abortedWith).toMatchObject({ code: "HEARTBEAT_TIMEOUT" });
  });

  it("is one timer that holds no process, whatever the number of records [H-12]", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    for (let batch = 0; batch < 20; batch += 1) {
      rig.link.batch(readRecords(batch * 10, 10));
      for (let record = 0; record < 10; record += 1) await iterator.next();
    }
    expect(rig.clock.pending).toHaveLength(1);
    expect(rig.clock.pending[0]?.keepAlive).toBe(false);
  });
});

describe("what holds a process [H-12]", () => {
  it("is a backoff that somebody waits behind, not one that nobody does", async () => {
    const rig = readRig({ tail_offset: 0 });
    const link = await rig.open();
    await rig.clock.advance(1000);
    link.fail(new Error("cut") as never);
    await flushMicrotasks();
    expect(rig.clock.pending.some(({ keepAlive }) => keepAlive)).toBe(false);
  });

  it("begins when somebody starts to wait during a backoff", async () => {
    const rig = await openedRig();
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(readRecords(0, 1), { reconnectAdvised: true });
    await iterator.next();
    await flushMicrotasks();
    expect(rig.clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([false]);
    const { dueAt } = rig.clock.pending[0] ?? { dueAt: -1 };
    void observe(iterator.next());
    await flushMicrotasks();
    expect(rig.clock.pending).toEqual([{ dueAt, keepAlive: true }]);
  });

  it("is opening", async () => {
    const rig = readRig({ seq_num: 0 });
    await flushMicrotasks();
    expect(rig.clock.pending).toEqual([{ dueAt: 5000, keepAlive: true }]);
  });
});
