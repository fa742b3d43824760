import { describe, expect, it } from "vitest";
import { flushMicrotasks, observe, readRecords } from "../../testing/index.js";
import { CaughtUpTracker } from "./caught-up.js";
import { fault, openedRig } from "./read.fixture.js";

const tail = (seq_num: number, timestamp = 1000 + seq_num) => ({ seq_num, timestamp });

describe("a tracker of catching up", () => {
  it("is satisfied by a heartbeat, and by a batch that reaches its tail once its last record was handed over", () => {
    const tracker = new CaughtUpTracker();
    expect(tracker.isCaughtUp()).toBe(false);
    tracker.observeBatch({ recordCount: 0, tail: tail(3) })?.markDelivered();
    expect(tracker.isCaughtUp()).toBe(true);
    const boundary = tracker.observeBatch({ recordCount: 2, lastSeqNum: 4, tail: tail(5) });
    expect(boundary?.tail).toEqual(tail(5));
    expect(tracker.isCaughtUp()).toBe(false);
    boundary?.markDelivered();
    expect(tracker.isCaughtUp()).toBe(true);
  });

  it("sees no boundary in a batch without a tail, or short of it", () => {
    const tracker = new CaughtUpTracker();
    expect(tracker.observeBatch({ recordCount: 2, lastSeqNum: 4 })).toBeUndefined();
    expect(tracker.observeBatch({ recordCount: 2, lastSeqNum: 3, tail: tail(5) })).toBeUndefined();
    expect(tracker.observeBatch({ recordCount: 0 })).toBeUndefined();
  });

  it("takes no boundary for reached that a later batch or a reconnect has overtaken", () => {
    for (const overtake of [
      (tracker: CaughtUpTracker) => void tracker.observeBatch({ recordCount: 1, lastSeqNum: 5 }),
      (tracker: CaughtUpTracker) => tracker.reconnect(),
      (tracker: CaughtUpTracker) => tracker.end(),
    ]) {
      const tracker = new CaughtUpTracker();
      const boundary = tracker.observeBatch({ recordCount: 2, lastSeqNum: 4, tail: tail(5) });
      overtake(tracker);
      boundary?.markDelivered();
      expect(tracker.isCaughtUp()).toBe(false);
    }
  });

  it("gives everybody who waits the same tail, later ones at once, and a new one after the next batch", async () => {
    const tracker = new CaughtUpTracker();
    const waiting = [tracker.caughtUp(), tracker.caughtUp()];
    tracker.observeBatch({ recordCount: 0, tail: tail(3) })?.markDelivered();
    expect(await Promise.all([...waiting, tracker.caughtUp()])).toEqual([tail(3), tail(3), tail(3)]);
    tracker.observeBatch({ recordCount: 1, lastSeqNum: 3 });
    const next = observe(tracker.caughtUp());
    await flushMicrotasks();
    expect(next.state).toBe("pending");
  });

  it("lets nobody wait beyond the end", async () => {
    const failed = new CaughtUpTracker();
    const waiting = failed.caughtUp();
    const failure = fault("authn");
    failed.end(failure);
    failed.end();
    await expect(waiting).rejects.toBe(failure);
    await expect(failed.caughtUp()).rejects.toBe(failure);
    const closed = new CaughtUpTracker();
    closed.end();
    await expect(closed.caughtUp()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });
});

describe("a read session", () => {
  it("has caught up when the last record of a batch that reaches the tail was handed over, not before", async () => {
    const { link, session } = await openedRig();
    const caughtUp = observe(session.caughtUp());
    link.batch(readRecords(0, 2), { tail: tail(2) });
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    await flushMicrotasks();
    expect([session.isCaughtUp(), caughtUp.state]).toEqual([false, "pending"]);
    await iterator.next();
    await flushMicrotasks();
    expect([session.isCaughtUp(), caughtUp.value]).toEqual([true, tail(2)]);
  });

  it("has caught up at a heartbeat behind stored records, which tell of no tail", async () => {
    const { link, session } = await openedRig();
    link.batch(readRecords(0, 1));
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    expect(session.isCaughtUp()).toBe(false);
    void iterator.next();
    link.heartbeat(tail(1));
    expect(await session.caughtUp()).toEqual(tail(1));
    link.batch(readRecords(1, 1), { tail: tail(9) });
    await flushMicrotasks();
    expect(session.isCaughtUp()).toBe(false);
  });

  it("must catch up anew after a reconnect", async () => {
    const rig = await openedRig();
    void rig.session[Symbol.asyncIterator]().next();
    rig.link.heartbeat(tail(0));
    await rig.session.caughtUp();
    const link = await rig.reopen();
    expect(rig.session.isCaughtUp()).toBe(false);
    link.heartbeat(tail(0));
    await rig.session.caughtUp();
    expect(rig.session.isCaughtUp()).toBe(true);
  });

  it("rejects whoever waits when it ends, with SESSION_CLOSED or with what ended it", async () => {
    const ended = await openedRig();
    const waiting = ended.session.caughtUp();
    void ended.session[Symbol.asyncIterator]().next();
    ended.link.end();
    await expect(waiting).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    const failed = await openedRig();
    const caughtUp = failed.session.caughtUp();
    const next = failed.session[Symbol.asyncIterator]().next();
    const failure = fault("authn");
    failed.link.fail(failure);
    await expect(next).rejects.toMatchObject({ code: "authn" });
    await expect(caughtUp).rejects.toMatchObject({ code: "authn" });
  });

  it("marks the batches that reach the tail, and gives heartbeats as batches on request", async () => {
    const { link, session } = await openedRig();
    const batches = session.batches({ heartbeats: true });
    const take = async () => (await batches.next()).value;
    link.batch(readRecords(0, 1));
    expect(await take()).toEqual({ records: readRecords(0, 1) });
    const heartbeat = take();
    link.heartbeat(tail(1));
    expect(await heartbeat).toEqual({ records: [], tail: tail(1), caughtUp: true });
    link.batch(readRecords(1, 1), { tail: tail(3) });
    expect(await take()).toEqual({ records: readRecords(1, 1), tail: tail(3) });
    link.batch(readRecords(2, 1), { tail: tail(3) });
    expect(await take()).toEqual({ records: readRecords(2, 1), tail: tail(3), caughtUp: true });
    link.end();
    expect((await batches.next()).done).toBe(true);
  });

  it("hides heartbeats from those who did not ask for them", async () => {
    const { link, session } = await openedRig();
    const batch = session.batches().next();
    link.heartbeat(tail(0));
    link.batch(readRecords(0, 1), { tail: tail(1) });
    expect((await batch).value?.records).toEqual(readRecords(0, 1));
  });
});
