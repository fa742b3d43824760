import { describe, expect, it } from "vitest";
import { flushMicrotasks, type Observed, observe } from "../../testing/index.js";
import { type AppendRig, appendRig, bodiesSent, fault } from "./append.fixture.js";

const MINUTE = 60_000;

/** Brings a session into each phase, with a batch at stake where the phase has one. */
const phases: [name: string, enter: (rig: AppendRig) => Promise<Observed<unknown>[]>][] = [
  ["idle", async () => []],
  ["opening", async (rig) => rig.submit("a")],
  ["open and unacknowledged", async (rig) => rig.sendOn("a").acks],
  [
    "open and idle",
    async (rig) => {
      rig.sendOn("a").link.acknowledge();
      return [];
    },
  ],
  [
    "open and blocked",
    async (rig) => {
      const acks = rig.submit("a", "b");
      rig.transport.append().acceptsMore = false;
      rig.transport.append().open();
      return acks;
    },
  ],
  [
    "advised",
    async (rig) => {
      const { link, acks } = rig.sendOn("a");
      link.adviseReconnect();
      return acks;
    },
  ],
  [
    "retired",
    async (rig) => {
      const { link } = rig.sendOn("a");
      link.acknowledge();
      link.adviseReconnect();
      return [];
    },
  ],
  [
    "late",
    async (rig) => {
      const { link, acks } = rig.sendOn("a");
      link.take();
      await rig.clock.advance(5000);
      return acks;
    },
  ],
  [
    "late without its link",
    async (rig) => {
      const { link, acks } = rig.sendOn("a");
      link.take();
      await rig.clock.advance(5000);
      link.end(fault("CONNECTION_LOST"));
      return acks;
    },
  ],
  [
    "backoff",
    async (rig) => {
      const { link, acks } = rig.sendOn("a");
      link.end(fault("CONNECTION_LOST"));
      return acks;
    },
  ],
  [
    "a backoff the server wants to be an hour",
    async (rig) => {
      const { link, acks } = rig.sendOn("a");
      link.end(fault("rate_limited", { retryAfterMillis: 60 * MINUTE }));
      return acks;
    },
  ],
  [
    "finishing",
    async (rig) => {
      rig.sendOn("a").link.acknowledge();
      void rig.session.close();
      return [];
    },
  ],
];

describe("abort", () => {
  it.each(phases)("settles everything at once: %s [D1-12, D1-19, D1-39, G-2]", async (_, enter) => {
    const controller = new AbortController();
    const rig = appendRig({ signal: controller.signal, retry: { maxAttempts: "unlimited" } });
    const acks = await enter(rig);
    controller.abort("now");
    const closing = observe(rig.session.close());
    await flushMicrotasks();
    expect(acks.every(({ state }) => state === "rejected")).toBe(true);
    expect(closing.reason).toMatchObject({ code: "ABORTED", cause: "now" });
    expect(rig.clock.pending).toEqual([]);
    expect(rig.transport.appends.every(({ isOver }) => isOver)).toBe(true);
    expect(rig.endings).toBe(1);
  });

  it.each(phases)("is the end: nothing is sent after it: %s [D2-4, G-3]", async (_, enter) => {
    const controller = new AbortController();
    const rig = appendRig({ signal: controller.signal });
    await enter(rig);
    const before = rig.transport.appends.map((link) => bodiesSent(link));
    controller.abort();
    rig.submit("late");
    await rig.clock.advance(10 * MINUTE);
    expect(rig.transport.appends.map((link) => bodiesSent(link))).toEqual(before);
    expect(rig.transport.violations).toEqual([]);
  });

  it("is the first failure and the only one", async () => {
    const controller = new AbortController();
    const rig = appendRig({ signal: controller.signal });
    const { link } = rig.sendOn("a");
    link.end(fault("invalid"));
    controller.abort();
    expect(rig.session.failureCause()).toMatchObject({ code: "invalid" });
    expect(rig.endings).toBe(1);
  });
});

describe("close", () => {
  it.each(phases)(
    "ends in bounded time whatever the server does: %s [D1-17, D1-19, D2-2, G-2]",
    async (_, enter) => {
      const rig = appendRig({ retry: { maxAttempts: "unlimited" } });
      const acks = await enter(rig);
      const closing = observe(rig.session.close());
      for (let waited = 0; waited < 2 * MINUTE && closing.state === "pending"; waited += 1000)
        await rig.clock.advance(1000);
      expect(closing.state).not.toBe("pending");
      expect(acks.every(({ state }) => state !== "pending")).toBe(true);
      expect(rig.clock.pending).toEqual([]);
      expect(rig.transport.appends.every(({ isOver }) => isOver)).toBe(true);
      expect(rig.transport.violations).toEqual([]);
    },
  );

  it.each(phases)("delivers everything when the server is well: %s [D1-1]", async (_, enter) => {
    const rig = appendRig({ retry: { maxAttempts: "unlimited" } });
    const acks = await enter(rig);
    const closing = observe(rig.session.close());
    for (let step = 0; step < 50 && closing.state === "pending"; step += 1) {
      const link = rig.transport.appends.at(-1);
      if (link !== undefined && !link.isOver) await serve(link);
      await flushMicrotasks();
      if (closing.state === "pending") await rig.clock.runNext();
    }
    expect(closing.state).toBe("fulfilled");
    expect(acks.every(({ state }) => state === "fulfilled")).toBe(true);
    expect(rig.session.failureCause()).toBeUndefined();
    expect(rig.clock.pending).toEqual([]);
  });

  const opened = new WeakSet<object>();
  async function serve(link: AppendRig["transport"]["appends"][number]): Promise<void> {
    if (link.sent.length === 0 && !opened.has(link)) {
      opened.add(link);
      link.open();
      await flushMicrotasks();
    }
    for (let tries = 0; tries < 3; tries += 1) {
      try {
        link.acknowledge();
      } catch {
        break;
      }
      if (!link.acceptsMore && !link.isOver) link.becomeWritable();
    }
    if (link.isFinished && !link.isOver) link.end(null);
  }

  it("waits for every ack, half-closes, and waits for the link's end [D1-1]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a", "b");
    const closing = observe(rig.session.close());
    link.acknowledge();
    expect(link.isFinished).toBe(false);
    link.acknowledge();
    expect(link.isFinished).toBe(true);
    await flushMicrotasks();
    expect(closing.state).toBe("pending");
    link.end(null);
    await flushMicrotasks();
    expect(closing.state).toBe("fulfilled");
  });

  it("is settled after every ack that it waited for has been handed over [D1-24]", async () => {
    const rig = appendRig();
    const order: string[] = [];
    for (const body of ["a", "b"]) void rig.session.submit({ body }).then(() => order.push(body));
    const link = rig.transport.append();
    link.open();
    void rig.session.close().then(() => order.push("closed"));
    link.acknowledge(2);
    link.end(null);
    await flushMicrotasks();
    expect(order).toEqual(["a", "b", "closed"]);
  });

  it("does not wait for a link's end longer than a bound", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    const closing = observe(rig.session.close());
    link.acknowledge();
    await rig.clock.advance(1000);
    expect(closing.state).toBe("fulfilled");
    expect(link.isOver).toBe(true);
  });

  it("refuses what comes after it, and lets in what was submitted behind waiting batches", async () => {
    const rig = appendRig({ session: { maxInflightBatches: 1 } });
    const { link } = rig.sendOn("a");
    const waiting = observe(rig.session.enqueue({ body: "waits" }));
    const behind = rig.submitOne("b");
    void rig.session.close();
    const late = rig.submitOne("late");
    await flushMicrotasks();
    expect(waiting.reason).toMatchObject({ code: "SESSION_CLOSED" });
    expect(late.reason).toMatchObject({ code: "SESSION_CLOSED", sideEffect: "none" });
    link.acknowledge(2);
    await flushMicrotasks();
    expect(behind.state).toBe("fulfilled");
    expect(bodiesSent(link)).toEqual(["a", "b"]);
  });

  it("may be called again, and gives the same end [D1-23]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    const closings = [observe(rig.session.close()), observe(rig.session.close())];
    link.end(fault("invalid"));
    closings.push(observe(rig.session.close()));
    await flushMicrotasks();
    for (const { reason } of closings) expect(reason).toMatchObject({ code: "invalid" });
    expect(rig.endings).toBe(1);
  });

  it("of a session that was never used ends at once, without a connection", async () => {
    const rig = appendRig();
    await rig.session.close();
    expect(rig.transport.appends).toHaveLength(0);
    expect(rig.endings).toBe(1);
  });

  it("still retries while it drains, for 30 s without progress at most", async () => {
    const rig = appendRig({ retry: { maxAttempts: "unlimited" } });
    rig.submit("a", "b");
    for (let minute = 0; minute < 10; minute += 1) {
      rig.transport.append().end(fault("CONNECT_FAILED", { retryAfterMillis: MINUTE }));
      await rig.clock.advance(MINUTE);
    }
    const closing = observe(rig.session.close());
    // Ten minutes of failures before it do not count: closing has a patience of its own.
    rig.transport.append().end(fault("CONNECT_FAILED"));
    await rig.clock.advance(2000);
    expect(closing.state).toBe("pending");
    const link = rig.transport.append();
    link.open();
    link.acknowledge();
    await rig.clock.advance(20_000);
    expect(closing.state).toBe("pending");
  });

  it("holds the process only while something is unacknowledged [H-12]", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.end(fault("CONNECTION_LOST"));
    expect(rig.clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([true]);
    (await rig.reopen()).acknowledge();
    expect(rig.clock.pending.some(({ keepAlive }) => keepAlive)).toBe(false);
  });
});
