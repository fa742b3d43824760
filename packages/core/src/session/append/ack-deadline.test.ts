import { describe, expect, it } from "vitest";
import { appendRig } from "./append.fixture.js";

const MIB = 1024 * 1024;
/** The protobuf tags and lengths of one such record, and the frame head. */
const OVERHEAD = 12;
const large = "x".repeat(1_000_000 - OVERHEAD);
/** At 64 bytes a millisecond, in milliseconds. */
const LARGE_ALLOWANCE = 15_625;

describe("the deadline of an ack", () => {
  it("runs from when the wire has taken the batch [H-1]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    await rig.clock.advance(4000);
    link.take();
    await rig.clock.advance(4999);
    expect(link.isFinished).toBe(false);
    await rig.clock.advance(1);
    expect(link.isFinished).toBe(true);
  });

  it("is each batch's own: a later one does not extend an earlier one's [D1-86]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.take();
    for (let second = 1; second < 5; second += 1) {
      await rig.clock.advance(1000);
      rig.submit("more");
      link.take();
    }
    await rig.clock.advance(1000);
    expect(link.isFinished).toBe(true);
  });

  it("is that of the oldest once the ones before are acknowledged", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(3000);
    rig.submit("b");
    link.take();
    await rig.clock.advance(1000);
    link.acknowledge();
    await rig.clock.advance(3999);
    expect(link.isFinished).toBe(false);
    await rig.clock.advance(1);
    expect(link.isFinished).toBe(true);
  });

  it("starts anew when a batch is re-sent", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    const second = await rig.reopen();
    second.take();
    await rig.clock.advance(4999);
    expect(second.isFinished).toBe(false);
    await rig.clock.advance(1);
    expect(second.isFinished).toBe(true);
  });

  it("allows a batch that the wire has not taken more time by its size", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn(large);
    await rig.clock.advance(5000 + LARGE_ALLOWANCE - 1);
    expect(link.isFinished).toBe(false);
    await rig.clock.advance(1);
    expect(link.isFinished).toBe(true);
  });

  it("lets a slow uplink that makes progress go on for as long as it takes", async () => {
    const rig = appendRig({ session: { maxInflightBytes: 64 * MIB } });
    const { link } = rig.sendOn(...Array.from({ length: 20 }, () => large));
    for (let batch = 1; batch <= 20; batch += 1) {
      await rig.clock.advance(LARGE_ALLOWANCE);
      link.take(batch);
      link.acknowledge();
    }
    expect(rig.session.lastAckedPosition()?.end.seq_num).toBe(20);
    expect(rig.transport.appends).toHaveLength(1);
  });

  it("is not troubled by acks that overtake the news of being taken", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a", "b");
    link.acknowledge();
    link.take(2);
    await rig.clock.advance(4999);
    expect(link.isFinished).toBe(false);
    await rig.clock.advance(1);
    expect(link.isFinished).toBe(true);
  });

  it("does not run while nothing is unacknowledged", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.take();
    link.acknowledge();
    await rig.clock.advance(3_600_000);
    expect(link.isOver).toBe(false);
    expect(rig.clock.pending).toEqual([]);
  });

  it("also bounds batches that wait for a link that never becomes writable", async () => {
    const rig = appendRig();
    rig.submit("a", "b");
    const link = rig.transport.append();
    link.acceptsMore = false;
    link.open();
    link.take(1);
    link.acknowledge();
    await rig.clock.advance(5001);
    expect(link.isFinished).toBe(true);
  });

  it("is not held against a link whose peer takes nothing for a while but acknowledges", async () => {
    const rig = appendRig();
    rig.submit("a", "b");
    const link = rig.transport.append();
    link.acceptsMore = false;
    link.open();
    await rig.clock.advance(4000);
    link.acknowledge();
    await rig.clock.advance(4000);
    expect(link.isFinished).toBe(false);
    link.becomeWritable();
    await rig.clock.advance(4000);
    link.acknowledge();
    expect(rig.session.lastAckedPosition()?.end.seq_num).toBe(2);
  });

  it("holds no process by itself: the transport does while something is on the wire [H-12]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    expect(rig.clock.pending).toEqual([{ dueAt: 5000, keepAlive: false }]);
    link.take();
    expect(rig.clock.pending.some(({ keepAlive }) => keepAlive)).toBe(false);
  });

  it("costs one timer however many batches fly", () => {
    const rig = appendRig();
    rig.sendOn(...Array.from({ length: 200 }, (_, index) => String(index)));
    expect(rig.clock.pending).toHaveLength(1);
  });
});

describe("the deadline of opening", () => {
  it("gives the attempt up and makes another [D1-8]", async () => {
    const rig = appendRig();
    rig.submit("a");
    await rig.clock.advance(5000);
    expect(rig.transport.appends[0]?.abortedWith).toMatchObject({ code: "REQUEST_TIMEOUT" });
    await rig.clock.advance(100);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("follows requestTimeoutMillis", async () => {
    const rig = appendRig({ retry: { requestTimeoutMillis: 250 } });
    rig.submit("a");
    await rig.clock.advance(249);
    expect(rig.transport.append().isOver).toBe(false);
    await rig.clock.advance(1);
    expect(rig.transport.append().isOver).toBe(true);
  });

  it("does not count the time of opening against the batches", async () => {
    const rig = appendRig();
    rig.submit("a");
    await rig.clock.advance(4900);
    const link = rig.transport.append();
    link.open();
    link.take();
    await rig.clock.advance(4999);
    expect(link.isFinished).toBe(false);
  });
});
