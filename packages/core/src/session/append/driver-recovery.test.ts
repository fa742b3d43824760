import { describe, expect, it } from "vitest";
import { SeqNumMismatchError } from "../../error/append-errors.js";
import { flushMicrotasks, observe } from "../../testing/index.js";
import { appendRig, bodiesSent, fault } from "./append.fixture.js";

describe("after a broken link, an append session", () => {
  it("re-sends what is unacknowledged, in order and once [D1-5, D1-82]", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a", "b", "c");
    link.acknowledge();
    link.end(fault("CONNECTION_LOST"));
    const second = await rig.reopen();
    expect(bodiesSent(second)).toEqual(["b", "c"]);
    second.acknowledge(2);
    await flushMicrotasks();
    expect(acks.map(({ value }) => value?.start.seq_num)).toEqual([0, 1, 2]);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("sends what was submitted meanwhile behind what is re-sent", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.end(fault("CONNECTION_LOST"));
    rig.submit("b");
    expect(bodiesSent(await rig.reopen())).toEqual(["a", "b"]);
  });

  it("takes acks that come right before a terminal error [D1-84]", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a", "b");
    link.acknowledge();
    link.end(new SeqNumMismatchError({ expectedSeqNum: 9 }));
    await flushMicrotasks();
    expect(acks.map(({ state }) => state)).toEqual(["fulfilled", "rejected"]);
    expect(acks[1]?.reason).toBeInstanceOf(SeqNumMismatchError);
  });

  it("does not listen to the old link any more", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.end(fault("CONNECTION_LOST"));
    const second = await rig.reopen();
    expect(() => link.end(null)).toThrow();
    second.acknowledge();
    await flushMicrotasks();
    expect(rig.session.failureCause()).toBeUndefined();
  });

  it("treats a clean end with batches in flight as a break whose outcome is unknown [H-11]", async () => {
    const rig = appendRig({ retry: { maxAttempts: 1 } });
    const { link, acks } = rig.sendOn("a");
    link.end(null);
    await flushMicrotasks();
    expect(acks[0]?.reason).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible" });
  });

  it("opens no link while nothing is at stake, and one for the next batch", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.acknowledge();
    link.end(fault("other"));
    await rig.clock.advance(60_000);
    expect(rig.transport.appends).toHaveLength(1);
    rig.submit("b");
    expect(rig.transport.appends).toHaveLength(2);
    expect(rig.clock.pending.every(({ keepAlive }) => !keepAlive)).toBe(true);
  });

  it("waits exponentially longer, with up to as much again at random", async () => {
    const rig = appendRig({ random: () => 0.5, retry: { maxAttempts: "unlimited" } });
    rig.submit("a");
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      rig.transport.append().end(fault("CONNECT_FAILED"));
      const failedAt = rig.clock.now();
      await rig.clock.runNext();
      waits.push(rig.clock.now() - failedAt);
    }
    expect(waits).toEqual([150, 300, 600, 1200, 1500, 1500]);
  });

  it("waits at least as long as the server asks", async () => {
    const rig = appendRig();
    const { link } = rig.sendOn("a");
    link.end(fault("rate_limited", { retryAfterMillis: 7000 }));
    await rig.clock.advance(6999);
    expect(rig.transport.appends).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("numbers its attempts", async () => {
    const rig = appendRig();
    rig.submit("a");
    rig.transport.append().end(fault("CONNECT_FAILED"));
    const second = await rig.reopen();
    expect(rig.transport.appends.map(({ options }) => options.attempt)).toEqual([1, 2]);
    second.acknowledge();
    second.end(fault("CONNECTION_LOST"));
    rig.submit("b");
    expect(rig.transport.append().options.attempt).toBe(1);
  });
});

describe("the number of attempts", () => {
  const failures = async (rig: ReturnType<typeof appendRig>, most: number): Promise<number> => {
    for (let count = 0; count < most; count += 1) {
      rig.transport.append().end(fault("CONNECT_FAILED"));
      const links = rig.transport.appends.length;
      while (rig.transport.appends.length === links) {
        if (!(await rig.clock.runNext())) return count + 1;
      }
    }
    return most;
  };

  it.each([1, 2, 3, 7])("is exact when it is given: %i [D1-8, H-4]", async (maxAttempts) => {
    const rig = appendRig({ retry: { maxAttempts } });
    const [ack] = rig.submit("a");
    expect(await failures(rig, 100)).toBe(maxAttempts);
    expect(rig.transport.appends).toHaveLength(maxAttempts);
    expect(ack?.reason).toMatchObject({ code: "CONNECT_FAILED", attempts: maxAttempts, sideEffect: "none" });
  });

  it("is counted anew after an ack [H-4]", async () => {
    const rig = appendRig({ retry: { maxAttempts: 2 } });
    rig.submit("a", "b", "c", "d");
    for (let round = 1; round <= 3; round += 1) {
      const link = rig.transport.append();
      link.open();
      link.acknowledge();
      link.end(fault("CONNECTION_LOST"));
      await rig.clock.advance(100);
      expect(rig.transport.appends).toHaveLength(round + 1);
    }
    rig.transport.append().end(fault("CONNECT_FAILED"));
    expect(rig.session.failureCause()).toMatchObject({ attempts: 2 });
    expect(rig.session.lastAckedPosition()?.end.seq_num).toBe(3);
  });

  it("is not reset by an opened link that acknowledges nothing", async () => {
    const rig = appendRig({ retry: { maxAttempts: 3 } });
    const [ack] = rig.submit("a");
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const link = rig.transport.append();
      link.open();
      link.end(fault("CONNECTION_LOST"));
      if (attempt < 2) await rig.clock.runNext();
    }
    await flushMicrotasks();
    expect(ack?.state).toBe("rejected");
  });

  it("has no bound when unlimited", async () => {
    const rig = appendRig({ retry: { maxAttempts: "unlimited" } });
    rig.submit("a");
    expect(await failures(rig, 500)).toBe(500);
    expect(rig.session.failureCause()).toBeUndefined();
    (await rig.reopen()).acknowledge();
    expect(rig.session.lastAckedPosition()).toBeDefined();
  });

  it("is what 30 s without progress allow when unset, so a server may be away for seconds [H-4]", async () => {
    const rig = appendRig({ random: () => 0.99 });
    const [ack] = rig.submit("a");
    const attempts = await failures(rig, 1000);
    expect(attempts).toBeGreaterThan(10);
    expect(rig.clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(rig.clock.now()).toBeLessThan(33_000);
    expect(ack?.reason).toMatchObject({ code: "CONNECT_FAILED" });
  });
});

describe("what cannot be cured", () => {
  it.each(["stream_not_found", "permission_denied", "invalid", "PROTOCOL_ERROR"])(
    "%s ends the session at once",
    async (code) => {
      const rig = appendRig();
      rig.submit("a", "b");
      rig.transport.append().end(fault(code, { sideEffect: "none" }));
      const closing = observe(rig.session.close());
      await flushMicrotasks();
      expect(closing.reason).toMatchObject({ code });
      expect(rig.session.failureCause()).toMatchObject({ code });
      expect(rig.transport.appends).toHaveLength(1);
      expect(rig.clock.pending).toEqual([]);
      expect(rig.endings).toBe(1);
    },
  );

  it("keeps class, status and data of the server's error, and counts the attempts [D1-42, D1-55]", async () => {
    const rig = appendRig();
    const { link, acks } = rig.sendOn("a");
    link.end(new SeqNumMismatchError({ expectedSeqNum: 4, origin: "server" }));
    await flushMicrotasks();
    const error = acks[0]?.reason as SeqNumMismatchError;
    expect(error).toBeInstanceOf(SeqNumMismatchError);
    expect(error).toMatchObject({
      status: 412,
      expectedSeqNum: 4,
      attempts: 1,
      origin: "server",
      sideEffect: "none",
    });
  });

  it("keeps its class when attempts are exhausted [G-9]", async () => {
    const rig = appendRig({ retry: { maxAttempts: 2 } });
    class Special extends Error {}
    const cause = new Special("socket");
    const [ack] = rig.submit("a");
    rig.transport.append().end(fault("CONNECT_FAILED"));
    (await rig.reopen()).end(fault("CONNECTION_LOST", { cause }));
    await flushMicrotasks();
    expect(ack?.reason).toMatchObject({ code: "CONNECTION_LOST", attempts: 2, cause });
  });
});

describe("the access token", () => {
  const renewing = (times: number) => {
    let renewals = 0;
    let asked = 0;
    return {
      credentials: {
        authorization: () => {
          asked += 1;
          return `Bearer ${renewals}`;
        },
        renew: () => {
          renewals += 1;
          return renewals <= times;
        },
      },
      asked: () => asked,
    };
  };

  it("is asked for each attempt", async () => {
    const { credentials } = renewing(9);
    const rig = appendRig({ credentials });
    rig.submit("a");
    rig.transport.append().end(fault("authn", { status: 401 }));
    const second = await rig.reopen();
    expect(second.options.authorization).toBe("Bearer 1");
    expect(rig.clock.now()).toBe(0);
  });

  it("is renewed once without progress, then the refusal counts", async () => {
    const rig = appendRig({ credentials: renewing(9).credentials });
    const [ack] = rig.submit("a");
    rig.transport.append().end(fault("permission_denied", { status: 403 }));
    await rig.clock.runNext();
    rig.transport.append().end(fault("permission_denied", { status: 403 }));
    await flushMicrotasks();
    expect(ack?.reason).toMatchObject({ code: "permission_denied" });
    expect(rig.transport.appends).toHaveLength(2);
  });

  it("may come from a promise; nothing is opened before", async () => {
    const rig = appendRig({
      credentials: { authorization: async () => "Bearer later", renew: () => false },
    });
    rig.submit("a");
    expect(rig.transport.appends).toHaveLength(0);
    await flushMicrotasks();
    expect(rig.transport.append().options.authorization).toBe("Bearer later");
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("vault");
      },
    ],
    ["rejects", () => Promise.reject(new Error("vault"))],
  ])("ends the session with no effect when getting it %s", async (_, authorization) => {
    const rig = appendRig({ credentials: { authorization, renew: () => false } });
    const [ack] = rig.submit("a");
    await flushMicrotasks();
    expect(ack?.reason).toMatchObject({ code: "INTERNAL_ERROR", sideEffect: "none" });
    expect(rig.endings).toBe(1);
    expect(rig.clock.pending).toEqual([]);
  });

  it("that never comes is given up like any opening", async () => {
    const rig = appendRig({
      retry: { maxAttempts: 1 },
      credentials: { authorization: () => new Promise<string>(() => {}), renew: () => false },
    });
    const [ack] = rig.submit("a");
    await rig.clock.advance(5000);
    expect(ack?.reason).toMatchObject({ code: "REQUEST_TIMEOUT", sideEffect: "none" });
  });

  it("that comes after the session has ended opens nothing [D1-16]", async () => {
    let give = (_: string): void => {};
    const rig = appendRig({
      credentials: {
        authorization: () =>
          new Promise<string>((resolve) => {
            give = resolve;
          }),
        renew: () => false,
      },
    });
    rig.submit("a");
    const writer = rig.session.writable.getWriter();
    await writer.abort("enough");
    give("Bearer late");
    await flushMicrotasks();
    expect(rig.transport.appends).toHaveLength(0);
  });
});
