import type { S2Stream } from "@s2-dev/streamstore";
import { AppendRecord } from "@s2-dev/streamstore";
import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import {
  acquireLease,
  currentFencingToken,
  type Lease,
  LeaseHeldError,
  type LeaseOptions,
  parseLeaseToken,
  readFencingToken,
} from "@s2-dev/streamstore-patterns/lease";
import { collect } from "@s2-dev/streamstore-patterns/reading";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf, expectServerError } from "../expecting.js";
import { eventually, settled } from "../waiting.js";

const NOW = 1_750_000_000_000;
const TTL = 10_000;
const SKEW = 1000;

/** Contends with a clock that only tests move. */
function contend(stream: S2Stream, at = NOW, options: LeaseOptions = {}): Promise<Lease> {
  return acquireLease(stream, {
    ...{ ttlMillis: TTL, clockSkewMillis: SKEW, renewEveryMillis: 0, clock: createFakeClock(at) },
    ...options,
  });
}

/** The one who won; all others must have been told that it is held. */
async function winnerOf(contenders: Promise<Lease>[]): Promise<Lease> {
  const outcomes = await settled("every contender", Promise.allSettled(contenders));
  const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(LeaseHeldError);
  }
  expect(won).toHaveLength(1);
  return won[0] as Lease;
}

export const leasing = topic("leasing", ({ sdk }) => {
  sdk(
    "lets exactly one of many contenders have a stream",
    ["conditions.fencing", "commands.fence"],
    async (ctx) => {
      const stream = await ctx.stream();
      const race = (at: number) =>
        winnerOf(
          Array.from({ length: 24 }, (_, index) => contend(stream, at, { owner: `contender-${index}` })),
        );
      const first = await race(NOW);
      await first.append({ body: "first" });
      // All see the same lease run out, or the same stream without one.
      const second = await race(NOW + TTL + SKEW);
      expect(await errorOf(first.append({ body: "too late" }))).toMatchObject({
        code: "LEASE_LOST",
        reason: "taken",
      });
      await second.append({ body: "second" });
      await second.release();
      const third = await race(NOW);
      await third.append({ body: "third" });
      const bodies = (await collect(stream, { ignoreCommandRecords: true })).map(({ body }) => body);
      expect(bodies).toEqual(["first", "second", "third"]);
    },
  );

  sdk("says who has it, and finds that out without a failing append", ["commands.fence"], async (ctx) => {
    const stream = await ctx.stream();
    expect(await readFencingToken(stream)).toBe("");
    const lease = await contend(stream, NOW, { owner: "worker-1" });
    expect(await readFencingToken(stream)).toBe(lease.fencingToken);
    expect(parseLeaseToken(lease.fencingToken)).toMatchObject({ owner: "worker-1", expiresAt: NOW + TTL });
    const error = await errorOf(contend(stream));
    expect(error).toMatchObject({ code: "LEASE_HELD", holder: { owner: "worker-1", expiresAt: NOW + TTL } });
  });

  sdk("asks the service when the fence lies too far back", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    const lease = await contend(stream);
    await lease.append(Array.from({ length: 200 }, () => ({ body: "x" })));
    expect(await readFencingToken(stream)).toBeUndefined();
    expect(await currentFencingToken(stream)).toBe(lease.fencingToken);
    expect((await stream.checkTail()).tail.seq_num).toBe(201);
    expect(await errorOf(contend(stream))).toMatchObject({ code: "LEASE_HELD" });
    await lease.release();
    expect(await currentFencingToken(stream)).toBe("");
  });

  sdk("renews between its appends, which all land", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    const clock = createFakeClock(NOW);
    const lease = await contend(stream, NOW, { clock, renewEveryMillis: TTL / 4 });
    const tokens = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const before = lease.fencingToken;
      tokens.add(before);
      const appended = [lease.append({ body: `${round}a` }), lease.append({ body: `${round}b` })];
      await clock.advance(TTL / 4);
      await Promise.all(appended);
      await eventually("the renewal", async () => (lease.fencingToken === before ? undefined : true));
    }
    expect(tokens.size).toBe(8);
    expect(await collect(stream, { ignoreCommandRecords: true })).toHaveLength(16);
    await lease.release();
  });

  sdk(
    "renews through the session that appends under it",
    ["conditions.fencing", "conditions.order"],
    async (ctx) => {
      const stream = await ctx.stream();
      const clock = createFakeClock(NOW);
      const session = await stream.appendSession();
      const lease = await contend(stream, NOW, { clock, session, renewEveryMillis: TTL / 4 });
      const acks: Promise<unknown>[] = [];
      for (let round = 0; round < 12; round += 1) {
        acks.push(session.submit({ body: `${round}` }, { fencing_token: lease.fencingToken }));
        if (round % 3 === 2) acks.push(lease.renew());
      }
      await settled("every batch and renewal", Promise.all(acks));
      await lease.release();
      await session.close();
      expect((await collect(stream, { ignoreCommandRecords: true })).map(({ body }) => body)).toEqual(
        Array.from({ length: 12 }, (_, round) => `${round}`),
      );
      expect(await currentFencingToken(stream)).toBe("");
    },
  );

  sdk("is had of a stream that its first append creates", ["auto-create.append"], async (ctx) => {
    const basin = await ctx.basin({ create_stream_on_append: true });
    const stream = ctx.handle(basin, "made-on-the-way");
    const lease = await contend(stream);
    await lease.append({ body: "first" });
    expect(await currentFencingToken(stream)).toBe(lease.fencingToken);
    const closed = await ctx.basin();
    await expectServerError(contend(ctx.handle(closed, "missing")), "stream_not_found", 404);
  });

  sdk("is lost when somebody fences the stream otherwise", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    const lease = await contend(stream);
    await stream.append(AppendRecord.fence("by hand"));
    expect(await errorOf(lease.renew())).toMatchObject({ code: "LEASE_LOST", reason: "taken" });
    expect(lease.signal.aborted).toBe(true);
    expect(await errorOf(contend(stream))).toMatchObject({ code: "LEASE_HELD", fencingToken: "by hand" });
  });
});
