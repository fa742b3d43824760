import { describe, expect, it } from "vitest";
import { RangeNotSatisfiableError } from "../../error/s2-error.js";
import { createCountingAbortController, flushMicrotasks, readRecords } from "../../testing/index.js";
import { fault, openedRig, rangeOf, readRig } from "./read.fixture.js";

describe("opening a read session", () => {
  it("resolves when an absolute start is accepted, and pulls nothing before it is asked [H-7]", async () => {
    const rig = readRig({ seq_num: 0 });
    await flushMicrotasks();
    expect(rig.opening.state).toBe("pending");
    const link = await rig.open();
    expect(rig.opening.state).toBe("fulfilled");
    expect(link.pulls).toBe(0);
  });

  it.each([{ tail_offset: 0 }, { timestamp: 5 }, {}])(
    "waits for the first frame when the start is relative: %j [H-7]",
    async (range) => {
      const rig = readRig(range);
      const link = await rig.open();
      expect(rig.opening.state).toBe("pending");
      link.heartbeat({ seq_num: 7, timestamp: 70 });
      await flushMicrotasks();
      expect(rig.opening.state).toBe("fulfilled");
      expect(rig.session.nextReadPosition()).toEqual({ seq_num: 7, timestamp: 70 });
      expect(rig.clock.pending.some(({ keepAlive }) => keepAlive)).toBe(false);
    },
  );

  it("waits for it one second at most", async () => {
    const rig = readRig({ tail_offset: 0 });
    await rig.open();
    await rig.clock.advance(999);
    expect(rig.opening.state).toBe("pending");
    await rig.clock.advance(1);
    expect(rig.opening.state).toBe("fulfilled");
  });

  it("keeps what came with the first frame for the consumer", async () => {
    const rig = readRig({ tail_offset: 2 });
    const link = await rig.open();
    link.batch(readRecords(8, 2));
    await flushMicrotasks();
    expect(rig.session.nextReadPosition()).toMatchObject({ seq_num: 8 });
    const first = await rig.session[Symbol.asyncIterator]().next();
    expect(first.value).toMatchObject({ seq_num: 8 });
    expect(link.pulls).toBe(1);
  });

  it.each([
    ["404", fault("stream_not_found")],
    ["416 [D1-38]", new RangeNotSatisfiableError({ tail: { seq_num: 3, timestamp: 1 } })],
    ["403", fault("permission_denied", { status: 403 })],
  ])("rejects with what the server answered instead: %s", async (_, error) => {
    const rig = readRig({ seq_num: 9 });
    rig.transport.read().refuse(error);
    await flushMicrotasks();
    expect(rig.opening.reason).toMatchObject({ code: error.code, status: error.status, attempts: 1 });
    expect(rig.opening.reason).toBeInstanceOf(error.constructor);
    expect(rig.transport.reads).toHaveLength(1);
    expect(rig.clock.pending).toEqual([]);
    expect(rig.endings).toBe(1);
  });

  it("makes exactly the attempts that are allowed, and changes nothing on the server [D1-8]", async () => {
    const rig = readRig({ seq_num: 0 }, { retry: { maxAttempts: 3 } });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      rig.transport.read().refuse(fault("CONNECTION_LOST"));
      await flushMicrotasks();
      if (attempt < 3) await rig.clock.runNext();
    }
    expect(rig.opening.reason).toMatchObject({ attempts: 3, sideEffect: "none" });
    expect(rig.transport.reads.map(({ options }) => options.attempt)).toEqual([1, 2, 3]);
  });

  it("keeps trying for 30 s when their number is unset [H-4]", async () => {
    const rig = readRig({ seq_num: 0 });
    while (rig.opening.state === "pending") {
      rig.transport.read().refuse(fault("CONNECT_FAILED"));
      await flushMicrotasks();
      await rig.clock.runNext();
    }
    expect(rig.clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(rig.clock.now()).toBeLessThan(33_000);
  });

  it("gives up an attempt that does not answer in time, after one turn of I/O [H-1]", async () => {
    const rig = readRig({ seq_num: 0 });
    rig.clock.block(5000);
    await rig.clock.turn();
    expect(rig.transport.read().abortedWith).toBeUndefined();
    await rig.clock.turn();
    expect(rig.transport.read().abortedWith).toMatchObject({ code: "REQUEST_TIMEOUT" });
    await rig.clock.runNext();
    expect(rig.transport.reads).toHaveLength(2);
  });

  it("asks anew for a relative start while no frame has fixed it", async () => {
    const rig = readRig({ tail_offset: 3, count: 5 });
    await rig.open();
    const second = await rig.reopen();
    expect(rangeOf(second)).toEqual({ tail_offset: 3, count: 5 });
    expect(rig.opening.state).toBe("pending");
  });

  it("renews a refused token once", async () => {
    let token = 0;
    const rig = readRig(
      { seq_num: 0 },
      {
        credentials: {
          authorization: async () => `Bearer ${token}`,
          renew: () => {
            token += 1;
            return true;
          },
        },
      },
    );
    await flushMicrotasks();
    rig.transport.read().refuse(fault("authn", { status: 401 }));
    await rig.clock.runNext();
    expect(rig.transport.read().options.authorization).toBe("Bearer 1");
    rig.transport.read().refuse(fault("authn", { status: 401 }));
    await flushMicrotasks();
    expect(rig.opening.reason).toMatchObject({ code: "authn" });
  });

  it("fails when the token cannot be had, thrown or rejected", async () => {
    const ways = [
      () => {
        throw new Error("vault");
      },
      () => Promise.reject(new Error("vault")),
    ];
    for (const authorization of ways) {
      const rig = readRig({ seq_num: 0 }, { credentials: { authorization, renew: () => false } });
      await flushMicrotasks();
      expect(rig.opening.reason).toMatchObject({ code: "INTERNAL_ERROR" });
      expect(rig.clock.pending).toEqual([]);
    }
  });

  it("is refused when its owner closes meanwhile [D1-17]", async () => {
    const rig = readRig({ seq_num: 0 });
    await rig.close();
    await flushMicrotasks();
    expect(rig.opening.reason).toMatchObject({ code: "SESSION_CLOSED" });
    expect(rig.transport.read().abortedWith).toBeDefined();
    expect(rig.clock.pending).toEqual([]);
  });
});

describe("an abort signal of a read session", () => {
  it("aborted already makes no request [D2-4, H-2]", async () => {
    const rig = readRig({ seq_num: 0 }, { signal: AbortSignal.abort("before") });
    await flushMicrotasks();
    expect(rig.opening.reason).toMatchObject({ code: "ABORTED", status: 499, cause: "before" });
    expect(rig.transport.reads).toHaveLength(0);
  });

  it("ends opening, in every phase of it", async () => {
    const phases: ((rig: ReturnType<typeof readRig>) => Promise<unknown>)[] = [
      async () => {},
      (rig) => rig.open(),
      async (rig) => {
        rig.transport.read().refuse(fault("CONNECT_FAILED"));
        await flushMicrotasks();
      },
    ];
    for (const enter of phases) {
      const counting = createCountingAbortController();
      const rig = readRig({ tail_offset: 0 }, { signal: counting.signal });
      await enter(rig);
      counting.abort("now");
      await rig.clock.advance(60_000);
      expect(rig.opening.reason).toMatchObject({ code: "ABORTED", cause: "now" });
      expect(rig.transport.reads).toHaveLength(1);
      expect(rig.transport.read().abortedWith).toBeDefined();
      expect(rig.clock.pending).toEqual([]);
    }
  });

  it("rejects the pending and every later next(): an aborted read never looks finished [D2-4, G-5]", async () => {
    const counting = createCountingAbortController();
    const rig = await openedRig({ seq_num: 0 }, { signal: counting.signal });
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(readRecords(0, 5));
    await iterator.next();
    counting.abort("now");
    await expect(iterator.next()).rejects.toMatchObject({ code: "ABORTED", cause: "now" });
    expect(rig.link.abortedWith).toMatchObject({ code: "ABORTED" });
    expect(rig.session.nextReadPosition()).toMatchObject({ seq_num: 1 });
  });

  it("errors a waiting reader", async () => {
    const counting = createCountingAbortController();
    const rig = await openedRig({ seq_num: 0 }, { signal: counting.signal });
    const reader = rig.session.getReader();
    const reading = expect(reader.read()).rejects.toMatchObject({ code: "ABORTED" });
    await flushMicrotasks();
    counting.abort();
    await reading;
    await expect(reader.closed).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("has one listener while the session lives, and none after any end [D1-18]", async () => {
    const endings: [string, (rig: Awaited<ReturnType<typeof openedRig>>) => Promise<unknown>][] = [
      ["cancel", (rig) => rig.session.cancel()],
      ["dispose", async (rig) => rig.session[Symbol.asyncDispose]()],
      ["owner", (rig) => rig.close()],
      [
        "clean end",
        async (rig) => {
          rig.link.end();
          await rig.session[Symbol.asyncIterator]().next();
        },
      ],
      [
        "failure",
        async (rig) => {
          rig.link.fail(fault("stream_not_found"));
          await expect(rig.session[Symbol.asyncIterator]().next()).rejects.toBeDefined();
        },
      ],
    ];
    for (const [how, end] of endings) {
      const counting = createCountingAbortController();
      const rig = await openedRig({ seq_num: 0 }, { signal: counting.signal });
      expect(counting.listeners, how).toBe(1);
      await end(rig);
      await flushMicrotasks();
      expect(counting.listeners, how).toBe(0);
      expect(rig.endings, how).toBe(1);
      expect(rig.clock.pending, how).toEqual([]);
      // A link that has ended by itself needs no reset.
      if (how !== "clean end") expect(rig.link.abortedWith, how).toBeDefined();
    }
  });
});
