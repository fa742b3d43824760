import { type AppendRecordInput, S2Error, utf8ByteLength } from "@s2-dev/streamstore-core";
import { createFakeClock, type FakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryFencedStream } from "../../test/memory-fenced-stream.js";
import {
  acquireLease,
  currentFencingToken,
  formatLeaseToken,
  LeaseHeldError,
  LeaseLostError,
  type LeaseOptions,
  MAX_OWNER_BYTES,
  parseLeaseToken,
  readFencingToken,
} from "./index.js";

const NOW = 1_750_000_000_000;

function setUp(options: LeaseOptions = {}) {
  const stream = new MemoryFencedStream(new S2Error({ message: "lost", code: "CONNECTION_LOST" }));
  const clock = createFakeClock(NOW);
  const contend = (more: LeaseOptions = {}, own: FakeClock = clock) =>
    acquireLease(stream, { ttlMillis: 9000, clockSkewMillis: 1000, clock: own, ...options, ...more });
  return { stream, clock, contend };
}

const texts = (stream: MemoryFencedStream) =>
  stream.records
    .filter(({ headers }) => headers.length === 0)
    .map(({ body }) => new TextDecoder().decode(body));

describe("the token of a lease", () => {
  it("holds owner, nonce and deadline in 36 bytes, and comes back from its text", () => {
    const owner = fc
      .string({ unit: "grapheme", maxLength: 16 })
      .filter((text) => utf8ByteLength(text) <= MAX_OWNER_BYTES);
    const nonce = fc.stringMatching(/^[A-Za-z0-9_-]{10}$/);
    fc.assert(
      fc.property(owner, nonce, fc.integer({ min: 0, max: 36 ** 9 - 1 }), (owner, nonce, expiresAt) => {
        const token = formatLeaseToken({ owner, nonce, expiresAt });
        expect(utf8ByteLength(token)).toBeLessThanOrEqual(36);
        expect(parseLeaseToken(token)).toEqual({ owner, nonce, expiresAt });
      }),
    );
  });

  it("is not found in other tokens", () => {
    for (const token of ["", "mine", "L", "session-0123456789", "l".repeat(36), `L${"!".repeat(35)}`]) {
      expect(parseLeaseToken(token)).toBeUndefined();
    }
  });
});

describe("finding out the fencing token", () => {
  it("reads the last fence, and appends nothing", async () => {
    const { stream } = setUp();
    expect(await currentFencingToken(stream)).toBe("");
    await stream.append({ body: "a" });
    expect(await currentFencingToken(stream)).toBe("");
    const fence = (token: string): AppendRecordInput => ({ headers: [["", "fence"]], body: token });
    await stream.append([fence("first"), { body: "b" }, fence("second"), { body: "c" }]);
    expect(await currentFencingToken(stream)).toBe("second");
    expect(stream.refusals).toBe(0);
  });

  it("asks by an append that must fail when the records do not tell", async () => {
    const { stream } = setUp();
    await stream.append({ headers: [["", "fence"]], body: "mine" });
    await stream.append(Array.from({ length: 20 }, () => ({ body: "x" })));
    expect(await readFencingToken(stream, { lookBack: 10 })).toBeUndefined();
    expect(await currentFencingToken(stream, { lookBack: 10 })).toBe("mine");
    expect(stream.refusals).toBe(1);
    stream.trimTo(21);
    expect(await readFencingToken(stream)).toBeUndefined();
    expect(await currentFencingToken(stream)).toBe("mine");
    expect(stream.records).toEqual([]);
  });
});

describe("acquiring a lease", () => {
  it("sets a token that says who and until when", async () => {
    const { stream, contend } = setUp();
    const lease = await contend({ owner: "worker-1" });
    expect(stream.token).toBe(lease.fencingToken);
    expect(parseLeaseToken(stream.token)).toMatchObject({ owner: "worker-1", expiresAt: NOW + 9000 });
    expect([lease.isHeld, lease.expiresAt, stream.refusals]).toEqual([true, NOW + 9000, 0]);
    await expect(contend()).rejects.toThrow(LeaseHeldError);
    await expect(contend()).rejects.toMatchObject({
      code: "LEASE_HELD",
      message: 'The lease is held by "worker-1" until 2025-06-15T15:06:49.000Z',
      holder: { owner: "worker-1", expiresAt: NOW + 9000 },
    });
  });

  it("lets exactly one of many win at a time, also when all see the same lease run out", async () => {
    const { stream, contend } = setUp({ renewEveryMillis: 0 });
    for (let round = 0; round < 5; round += 1) {
      // Each has looked before any of them appends.
      let open = (): void => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      stream.gate = () => opened;
      const clock = createFakeClock(NOW + round * 20_000);
      const contenders = Array.from({ length: 50 }, (_, index) => contend({ owner: `${index}` }, clock));
      const outcomes = Promise.allSettled(contenders);
      await flushMicrotasks();
      open();
      const won = (await outcomes).filter(({ status }) => status === "fulfilled");
      expect(won).toHaveLength(1);
    }
  });

  it("takes over a lease that has run out, not before the clocks' difference has passed", async () => {
    const { clock, contend } = setUp();
    const dead = await contend({ renewEveryMillis: 0 }, createFakeClock(NOW));
    await clock.advance(9999);
    await expect(contend()).rejects.toThrow(LeaseHeldError);
    await clock.advance(1);
    const heir = await contend();
    expect(heir.isHeld).toBe(true);
    // The clock of the dead one stands still; the service refuses it all the same.
    await expect(dead.append({ body: "late" })).rejects.toMatchObject({
      code: "LEASE_LOST",
      reason: "taken",
    });
    expect(dead.signal.reason).toMatchObject({ holder: { expiresAt: heir.expiresAt } });
  });

  it("leaves a token alone that is not a lease's", async () => {
    const { stream, clock, contend } = setUp();
    await stream.append({ headers: [["", "fence"]], body: "by hand" });
    await clock.advance(1_000_000);
    await expect(contend()).rejects.toMatchObject({ fencingToken: "by hand" });
    expect(stream.token).toBe("by hand");
  });

  it("waits until the lease runs out, or is given back", async () => {
    const { clock, contend } = setUp();
    await contend({ renewEveryMillis: 0 }, createFakeClock(NOW));
    let second: string | undefined;
    const waiting = contend({ wait: true, owner: "second", pollMillis: 5000 }).then((lease) => {
      second = lease.fencingToken;
      return lease;
    });
    await clock.advance(9999);
    expect(second).toBeUndefined();
    await clock.advance(1);
    const lease = await waiting;
    const third = contend({ wait: true, pollMillis: 10 });
    await flushMicrotasks();
    await lease.release();
    await clock.advance(10);
    expect((await third).isHeld).toBe(true);
  });

  it("stops waiting when it is aborted", async () => {
    const { clock, contend } = setUp();
    await contend({ renewEveryMillis: 0 }, createFakeClock(NOW));
    const controller = new AbortController();
    const waiting = contend({ wait: true, signal: controller.signal });
    await flushMicrotasks();
    controller.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(clock.pending).toEqual([]);
  });

  it("knows its own token when the answer to its append was lost", async () => {
    const { stream, contend } = setUp();
    stream.fates.push("lands, and its answer is lost");
    const lease = await contend();
    expect(stream.token).toBe(lease.fencingToken);
  });

  it("passes on why it failed when its append did not land", async () => {
    const { stream, contend } = setUp();
    stream.fates.push("is lost");
    await expect(contend()).rejects.toBe(stream.lost);
    expect(stream.token).toBe("");
  });

  it.each([
    [{ ttlMillis: 0 }, "ttlMillis must be between 1 and"],
    [
      { ttlMillis: 100, renewEveryMillis: 100 },
      "renewEveryMillis must be less than ttlMillis (100); got 100",
    ],
    [{ clockSkewMillis: -1 }, "clockSkewMillis must be between 0 and"],
    [{ owner: "x".repeat(17) }, "owner must be text of at most 16 bytes"],
    [{ pollMillis: Number.NaN }, "pollMillis must be between 1 and"],
  ])("refuses %j", async (options, message) => {
    await expect(setUp().contend(options)).rejects.toThrow(message);
  });
});

describe("a lease", () => {
  it("renews itself, and its appends go on landing", async () => {
    const { stream, clock, contend } = setUp();
    const lease = await contend();
    for (let round = 0; round < 10; round += 1) {
      await lease.append({ body: `${round}` });
      await clock.advance(3000);
      expect(lease.expiresAt).toBe(clock.now() + 9000);
      expect(stream.token).toBe(lease.fencingToken);
    }
    expect(texts(stream)).toHaveLength(10);
    expect(stream.refusals).toBe(0);
    expect(lease.signal.aborted).toBe(false);
  });

  it.each(["at once", "one after the other"])(
    "lets no append meet a token that changes, asked %s",
    async (how) => {
      const { stream, clock, contend } = setUp({ renewEveryMillis: 0 });
      const lease = await contend();
      let appends = 0;
      // Some appends are under way for longer than others.
      stream.gate = async () => {
        appends += 1;
        for (let turns = (appends * 7) % 11; turns > 0; turns -= 1) await null;
      };
      const work: Promise<unknown>[] = [];
      for (let round = 0; round < 20; round += 1) {
        work.push(lease.append({ body: `${round}` }));
        // Time passes, so each renewal makes another token.
        if (how === "at once") clock.block(1);
        else await clock.advance(1);
        if (round % 3 === 0) work.push(lease.renew());
        work.push(lease.append({ body: `${round}, too` }));
      }
      await Promise.all(work);
      expect(texts(stream)).toHaveLength(40);
      expect(stream.refusals).toBe(0);
    },
  );

  it("renews through the session that appends under it, in order with its batches", async () => {
    const { stream, clock, contend } = setUp();
    const session = { submit: stream.append.bind(stream) };
    const lease = await contend({ session });
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    stream.gate = () => opened;
    const submit = (body: string) => session.submit({ body }, { fencing_token: lease.fencingToken });
    const before = [submit("a"), submit("b")];
    const first = lease.fencingToken;
    await clock.advance(3000);
    expect(lease.fencingToken).not.toBe(first);
    const after = [submit("c"), submit("d")];
    open();
    await Promise.all([...before, ...after]);
    expect([texts(stream), stream.refusals]).toEqual([["a", "b", "c", "d"], 0]);
  });

  it("goes on without its session when that has failed", async () => {
    const { stream, clock, contend } = setUp();
    const failure = new S2Error({ message: "closed", code: "SESSION_CLOSED" });
    const lease = await contend({ session: { submit: () => Promise.reject(failure) } });
    await clock.advance(3000);
    expect([lease.isHeld, stream.token === lease.fencingToken]).toEqual([true, true]);
    expect(lease.expiresAt).toBe(NOW + 3000 + 9000);
  });

  it.each(["is lost", "lands, and its answer is lost"] as const)(
    "is held on when a renewal %s",
    async (fate) => {
      const { stream, clock, contend } = setUp();
      const lease = await contend();
      stream.fates.push(fate);
      await clock.advance(3000);
      expect(lease.isHeld).toBe(true);
      await clock.advance(750);
      expect(lease.expiresAt).toBe(NOW + 3750 + 9000);
      expect(stream.token).toBe(lease.fencingToken);
      await lease.append({ body: "still mine" });
      expect(texts(stream)).toEqual(["still mine"]);
    },
  );

  it("is lost when it could not be renewed until it ran out", async () => {
    const { stream, clock, contend } = setUp();
    const lease = await contend();
    stream.fates.push(...Array.from({ length: 100 }, () => "is lost" as const));
    await clock.advance(8999);
    expect(lease.isHeld).toBe(true);
    await clock.advance(1);
    expect(lease.isHeld).toBe(false);
    expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(lease.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "expired" });
    await expect(lease.append({ body: "x" })).rejects.toBe(lease.signal.reason);
    await expect(lease.renew()).rejects.toBe(lease.signal.reason);
    expect(clock.pending).toEqual([]);
  });

  it("is lost for a program that was held up, before its timers tell", async () => {
    const { clock, contend } = setUp();
    const lease = await contend();
    clock.block(9000);
    expect([lease.isHeld, lease.signal.aborted]).toEqual([false, true]);
  });

  it("notices at its next renewal that somebody took over", async () => {
    const { stream, clock, contend } = setUp();
    const lease = await contend();
    stream.token = formatLeaseToken({ owner: "thief", nonce: "0123456789", expiresAt: NOW + 60_000 });
    await clock.advance(3000);
    expect(lease.signal.reason).toMatchObject({ reason: "taken", holder: { owner: "thief" } });
    expect(clock.pending).toEqual([]);
  });

  it("is given back once: the stream is open to the next", async () => {
    const { stream, clock, contend } = setUp();
    const lease = await contend();
    await Promise.all([lease.release(), lease.release()]);
    expect([stream.token, lease.isHeld, clock.pending.length]).toEqual(["", false, 0]);
    expect(lease.signal.reason).toMatchObject({ reason: "released" });
    const next = await contend();
    await lease.release();
    expect(stream.token).toBe(next.fencingToken);
    {
      await using held = next;
      expect(held.isHeld).toBe(true);
    }
    expect(stream.token).toBe("");
  });

  it("does not take from its heir what it gives back too late", async () => {
    const { stream, contend } = setUp({ renewEveryMillis: 0 });
    const lease = await contend();
    const heir = await contend({}, createFakeClock(NOW + 10_000));
    await lease.release();
    expect(stream.token).toBe(heir.fencingToken);
    expect(lease.signal.reason).toMatchObject({ reason: "taken" });
  });

  it("is given up with its signal, and holds no process by its timers", async () => {
    const { clock, contend } = setUp();
    const controller = new AbortController();
    const lease = await contend({ signal: controller.signal });
    expect(clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([false, false]);
    controller.abort("shutting down");
    expect(lease.signal.reason).toMatchObject({ reason: "released", cause: "shutting down" });
    expect(clock.pending).toEqual([]);
  });
});

describe("a lease that is taken over", () => {
  it("is the new holder's at once, and the earlier one's next append is refused", async () => {
    const { stream, contend } = setUp();
    const first = await contend({ owner: "first" });
    const second = await contend({ owner: "second", takeOver: true });
    await second.append({ body: "mine" });
    await expect(first.append({ body: "late" })).rejects.toMatchObject({
      code: "LEASE_LOST",
      reason: "taken",
      holder: { owner: "second" },
    });
    expect(texts(stream)).toEqual(["mine"]);
  });

  it("is not one that is no lease's", async () => {
    const { stream, contend } = setUp();
    await stream.append({ headers: [["", "fence"]], body: "by hand" });
    await expect(contend({ takeOver: true })).rejects.toMatchObject({ fencingToken: "by hand" });
  });
});
