import type { AppendAck } from "@s2-dev/streamstore";
import {
  createAppendSession,
  openReadSession,
  resolveRetrySettings,
  type SessionContext,
  staticCredentials,
} from "@s2-dev/streamstore-core/session";
import { appendRequest, readRequest, resolveEndpoints } from "@s2-dev/streamstore-core/wire";
import type { LocalServer } from "@s2-dev/streamstore-local";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";
import { afterEach, describe, expect, it } from "vitest";
import { take } from "../src/expecting.js";
import { type Bench, openBench } from "../src/faults/bench.js";
import { createFastClock } from "../src/faults/fast-clock.js";
import { BUILT_IN_WIRES, type BuiltInWire } from "../src/targets.js";
import { settled } from "../src/waiting.js";

/** Ten seconds take two. */
const FACTOR = 5;
const DRAIN_MS = 10_000;
const MOST_PER_SECOND = 4;
const DRAINING = { status: 503, code: "server_draining" } as const;
const BATCHES = 25;

let bench: Bench | undefined;
let context: SessionContext | undefined;
afterEach(async () => {
  await context?.transport.close();
  await bench?.close();
  bench = undefined;
});

/** Sessions whose time, like the server's, passes faster. */
async function open(wire: BuiltInWire) {
  const clock = createFastClock(FACTOR);
  const ctx = await openBench(wire, { clock });
  bench = ctx;
  context = {
    transport: wire === "s2s" ? createS2sTransport() : createFetchTransport(),
    clock,
    random: Math.random,
    retry: resolveRetrySettings({ maxAttempts: 2, appendRetryPolicy: "noSideEffects" }, 200_000),
    credentials: staticCredentials(() => "any"),
  };
  return { ctx, context };
}

const targetOf = (local: LocalServer) => ({
  endpoints: resolveEndpoints({ endpoints: local.endpoints }, {}),
  headers: {},
  basin: "faulty-basin",
  stream: "log",
});

const body = (index: number): string => `record ${index}`;

describe.each(BUILT_IN_WIRES)("a server that drains for ten seconds, over %s", (wire) => {
  it("costs an append session a few attempts a second, no batch and no duplicate [D1-79, G-11, H-5]", async () => {
    const { ctx, context } = await open(wire);
    const session = createAppendSession(context, {
      request: appendRequest(targetOf(ctx.local)),
    });
    if (wire === "s2s") {
      // Its first link ends so, behind an acknowledgement.
      ctx.local.faults.add({
        on: { operation: "append", times: 1 },
        do: { kind: "fail", ...DRAINING, after: 1 },
      });
    }
    const drain = ctx.local.faults.add({
      on: { operation: "append", nth: 2 },
      do: { kind: "drain", ms: DRAIN_MS },
    });
    await settled("the first ack", session.submit({ body: body(0) }));
    const acks: Promise<AppendAck>[] = [];
    for (let index = 1; index < BATCHES; index += 1) acks.push(session.submit({ body: body(index) }));
    const settledAcks = await settled("the acks", Promise.all(acks));
    expect(settledAcks.map(({ start }) => start.seq_num)).toEqual(
      Array.from({ length: BATCHES - 1 }, (_, index) => index + 1),
    );
    expect(drain.hits).toBeGreaterThan(2);
    expect(attemptsIn(ctx, "POST")).toBeLessThanOrEqual(MOST_PER_SECOND * (DRAIN_MS / 1000 + 1) + BATCHES);
    await session.close();
    expect(await ctx.log()).toEqual(Array.from({ length: BATCHES }, (_, index) => body(index)));
  });

  it("costs a read session a few attempts a second, no record and no duplicate [D1-79, G-11, H-5]", async () => {
    const { ctx, context } = await open(wire);
    for (let index = 0; index < BATCHES; index += 1) await ctx.stream.append({ body: body(index) });
    ctx.local.faults.add({
      on: { operation: "read", times: 1 },
      do: { kind: "fail", ...DRAINING, after: 1 },
    });
    const drain = ctx.local.faults.add({
      on: { operation: "read", nth: 2 },
      do: { kind: "drain", ms: DRAIN_MS },
    });
    const session = await openReadSession(context, {
      range: { seq_num: 0 },
      format: { as: "string", unsafeTimestamps: "error" } as const,
      request: (query) => readRequest(targetOf(ctx.local), query),
    });
    const reading = take(session, BATCHES + 1);
    await ctx.stream.append({ body: body(BATCHES) });
    expect((await settled("the records", reading)).map((record) => record.body)).toEqual(
      Array.from({ length: BATCHES + 1 }, (_, index) => body(index)),
    );
    expect(drain.hits).toBeGreaterThan(2);
    expect(attemptsIn(ctx, "GET")).toBeLessThanOrEqual(MOST_PER_SECOND * (DRAIN_MS / 1000 + 1) + 2);
  });
});

/** Requests of this method that the server has seen. */
function attemptsIn(ctx: Bench, method: string): number {
  return ctx.requests.filter((request) => request.startsWith(`${method} `)).length;
}
