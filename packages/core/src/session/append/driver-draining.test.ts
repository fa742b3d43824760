import { describe, expect, it } from "vitest";
import { flushMicrotasks } from "../../testing/index.js";
import { appendRig, bodiesSent, fault } from "./append.fixture.js";

describe("when the server advises to reconnect, an append session", () => {
  it("stops sending there, takes the acks, half-closes and goes on elsewhere [D1-79, D1-81, D1-83, G-11]", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a");
    link.adviseReconnect();
    rig.submit("b");
    expect(bodiesSent(link)).toEqual(["a"]);
    expect(link.isFinished).toBe(false);
    link.acknowledge();
    expect(link.isFinished).toBe(true);
    expect(bodiesSent(await rig.reopen())).toEqual(["b"]);
    expect(acks[0]?.state).toBe("fulfilled");
  });

  it("does not wait for the server to end the old link, which is reset after a bound [D1-81]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.adviseReconnect();
    link.acknowledge();
    rig.submit("b");
    expect(link.isOver).toBe(false);
    await rig.clock.advance(1000);
    expect(link.isOver).toBe(true);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("lets the old link end by itself", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.adviseReconnect();
    link.acknowledge();
    link.end(null);
    await flushMicrotasks();
    expect(rig.clock.pending).toEqual([]);
    expect(rig.session.failureCause()).toBeUndefined();
  });

  it("does not listen to what the link it left behind still says", async () => {
    const rig = appendRig();
    const { link: old } = rig.sendOn("a");
    old.adviseReconnect();
    old.acknowledge();
    const [second] = rig.submit("b");
    await rig.clock.advance(250);
    old.adviseReconnect();
    old.becomeWritable();
    old.take();
    const link = rig.transport.append();
    link.acceptsMore = false;
    link.open();
    rig.submit("c");
    old.becomeWritable();
    old.end(fault("stream_not_found"));
    await flushMicrotasks();
    expect(rig.transport.violations).toEqual([]);
    expect(rig.session.failureCause()).toBeUndefined();
    expect(bodiesSent(link)).toEqual(["b"]);
    expect(second?.state).toBe("pending");
  });

  it("leaves an idle link at once, and opens no other before there is a batch", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.acknowledge();
    link.adviseReconnect();
    expect(link.isFinished).toBe(true);
    await rig.clock.advance(60_000);
    expect(rig.transport.appends).toHaveLength(1);
  });

  it("keeps 250 ms between attempts, also for a batch that comes later [H-5]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.acknowledge();
    await rig.clock.advance(10);
    link.adviseReconnect();
    rig.submit("b");
    await rig.clock.advance(239);
    expect(rig.transport.appends).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("follows it at most once in 60 s", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.adviseReconnect();
    link.acknowledge();
    rig.submit("b");
    const second = await rig.reopen();
    await rig.clock.advance(1000);
    second.adviseReconnect();
    second.acknowledge();
    rig.submit("c");
    expect(bodiesSent(second)).toEqual(["b", "c"]);
    second.acknowledge();
    await rig.clock.advance(60_000);
    second.adviseReconnect();
    expect(second.isFinished).toBe(true);
  });

  it("spends no attempt on it [D1-79]", async () => {
    const rig = appendRig({ retry: { maxAttempts: 1 } });
    const { link } = rig.sendOn("a");
    link.adviseReconnect();
    link.acknowledge();
    rig.submit("b");
    (await rig.reopen()).acknowledge();
    expect(rig.session.lastAckedPosition()?.end.seq_num).toBe(2);
  });

  it("does not follow it when it is closing", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a", "b");
    void rig.session.close();
    link.adviseReconnect();
    link.acknowledge(2);
    link.end(null);
    await rig.clock.runUntilIdle();
    expect(rig.transport.appends).toHaveLength(1);
  });

  it("still watches over the acks it waits for", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.take();
    link.adviseReconnect();
    await rig.clock.advance(5000);
    expect(link.isFinished).toBe(true);
    expect(bodiesSent(await rig.reopen())).toEqual(["a"]);
  });
});

describe("while a server drains, an append session", () => {
  /** Answers every attempt with `server_draining` until `until` ms; gives the times of the attempts. */
  const drain = async (rig: ReturnType<typeof appendRig>, until: number): Promise<number[]> => {
    const times: number[] = [];
    rig.submit("a");
    for (let seen = 0; rig.clock.now() < until && times.length < 1000; ) {
      if (rig.transport.appends.length > seen) {
        seen = rig.transport.appends.length;
        times.push(rig.clock.now());
        rig.transport.append().end(fault("server_draining"));
      }
      if (!(await rig.clock.runNext())) break;
    }
    return times;
  };

  it("makes at most one attempt in 250 ms [D2-20, H-5]", async () => {
    const rig = appendRig();
    const times = await drain(rig, 2000);
    expect(times).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750]);
  });

  it("does not count them against a given number of attempts for 60 s [D1-79, H-5]", async () => {
    const rig = appendRig({ retry: { maxAttempts: 2 } });
    const times = await drain(rig, 600_000);
    expect(times.at(-1)).toBeGreaterThanOrEqual(60_000);
    expect(times.at(-1)).toBeLessThan(62_000);
    expect(rig.session.failureCause()).toMatchObject({ code: "server_draining" });
  });

  it("counts them from then on, so an unset number has its 30 s besides", async () => {
    const rig = appendRig();
    const times = await drain(rig, 600_000);
    expect(times.at(-1)).toBeGreaterThanOrEqual(90_000);
    expect(times.at(-1)).toBeLessThan(93_000);
  });

  it("waits longer when the server asks for it", async () => {
    const rig = appendRig();
    rig.submit("a");
    rig.transport.append().end(fault("server_draining", { retryAfterMillis: 4000 }));
    await rig.clock.advance(3999);
    expect(rig.transport.appends).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("re-sends what was in flight, in order, also under noSideEffects [D1-79]", async () => {
    const rig = appendRig({ retry: { appendRetryPolicy: "noSideEffects" } });
    const { link } = rig.sendOn("a", "b");
    link.end(fault("server_draining"));
    expect(bodiesSent(await rig.reopen())).toEqual(["a", "b"]);
  });
});
