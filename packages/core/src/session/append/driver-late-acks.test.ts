import { describe, expect, it } from "vitest";
import { flushMicrotasks } from "../../testing/index.js";
import { appendRig, bodiesSent, fault } from "./append.fixture.js";

const slow = { retry: { minBaseDelayMillis: 1000 } };

describe("when an ack is overdue", () => {
  it("the link is half-closed, then reset after the backoff, and the batch re-sent [D1-4, D2-2, H-9]", async () => {
    const rig = appendRig(slow);
    const { link, acks } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    expect(link.isFinished).toBe(true);
    expect(link.isOver).toBe(false);
    await rig.clock.advance(1000);
    expect(link.abortedWith).toMatchObject({ code: "REQUEST_TIMEOUT" });
    rig.transport.append().open();
    expect(bodiesSent(rig.transport.append())).toEqual(["a"]);
    rig.transport.append().acknowledge();
    await flushMicrotasks();
    expect(acks[0]?.state).toBe("fulfilled");
  });

  it("nothing more is sent on that link", async () => {
    const rig = appendRig(slow);
    const { link } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    rig.submit("b");
    link.becomeWritable();
    expect(bodiesSent(link)).toEqual(["a"]);
    expect(rig.transport.violations).toEqual([]);
  });

  it("acks that come during the backoff count, and what they cover is not sent again [D2-3]", async () => {
    const rig = appendRig(slow);
    const { link, acks } = rig.sendOn("a", "b", "c");
    link.take();
    await rig.clock.advance(5000);
    link.acknowledge(2);
    await flushMicrotasks();
    expect(acks.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled", "pending"]);
    expect(bodiesSent(await rig.reopen())).toEqual(["c"]);
  });

  it("the last ack during the backoff ends the matter: nothing is re-sent", async () => {
    const rig = appendRig(slow);
    const { link, acks } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    link.acknowledge();
    await rig.clock.advance(60_000);
    expect(acks[0]?.state).toBe("fulfilled");
    expect(rig.transport.appends).toHaveLength(1);
    expect(link.isOver).toBe(true);
    expect(rig.clock.pending).toEqual([]);
  });

  it("what waited for the late link goes out on a new one once everything late is acknowledged", async () => {
    const rig = appendRig(slow);
    const { link } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    rig.submit("b");
    link.acknowledge();
    expect(bodiesSent(await rig.reopen())).toEqual(["b"]);
  });

  it("a link that breaks during the backoff changes nothing about its length", async () => {
    const rig = appendRig(slow);
    const { link } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5300);
    link.end(fault("CONNECTION_LOST"));
    await rig.clock.advance(699);
    expect(rig.transport.appends).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("an error during the backoff that cannot be cured ends the session", async () => {
    const rig = appendRig(slow);
    const { link, acks } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    link.end(fault("stream_not_found"));
    await flushMicrotasks();
    expect(acks[0]?.reason).toMatchObject({ code: "stream_not_found" });
    expect(rig.clock.pending).toEqual([]);
  });

  it("it counts as one attempt; without attempts left the session fails [H-4]", async () => {
    const rig = appendRig({ retry: { maxAttempts: 2 } });
    const { link, acks } = rig.sendOn("a");
    link.take();
    await rig.clock.advance(5000);
    const second = await rig.reopen();
    second.take();
    await rig.clock.advance(5000);
    expect(acks[0]?.reason).toMatchObject({ code: "REQUEST_TIMEOUT", attempts: 2, sideEffect: "possible" });
    expect(second.isOver).toBe(true);
    expect(rig.transport.appends).toHaveLength(2);
  });
});

describe("a timer that fires late because the program was busy", () => {
  it("lets an ack that is already here win [H-1]", async () => {
    const rig = appendRig(slow);
    const { link, acks } = rig.sendOn("a");
    link.take();
    rig.clock.block(60_000);
    await rig.clock.turn();
    link.acknowledge();
    await rig.clock.advance(0);
    expect(acks[0]?.state).toBe("fulfilled");
    expect(link.isFinished).toBe(false);
    expect(rig.transport.appends).toHaveLength(1);
  });

  it("judges after one turn of I/O in which nothing came", async () => {
    const rig = appendRig(slow);
    const { link } = rig.sendOn("a");
    link.take();
    rig.clock.block(60_000);
    await rig.clock.turn();
    expect(link.isFinished).toBe(false);
    await rig.clock.turn();
    expect(link.isFinished).toBe(true);
  });
});
