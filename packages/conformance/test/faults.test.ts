import { type AppendSessionOptions, isS2Error, type RetryConfig, S2Error } from "@s2-dev/streamstore";
import { afterEach, describe, expect, it } from "vitest";
import { type Bench, type BenchOptions, openBench } from "../src/faults/bench.js";
import { type FaultCase, faultCases } from "../src/faults/cases.js";
import { judge, type Outcome, outcomeOf } from "../src/faults/judge.js";
import type { SdkWire } from "../src/targets.js";
import { settled } from "../src/waiting.js";

const WIRES: readonly SdkWire[] = ["fetch", "s2s"];
const BATCHES = 6;
/** How many requests a passing fault hits. */
const HITS = 2;
/** Deadline of an attempt where the server is silent, in milliseconds. */
const SHORT = 300;

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(wire: SdkWire, options: BenchOptions = {}): Promise<Bench> {
  bench = await openBench(wire, options);
  return bench;
}

const optionsFor = (fault: FaultCase, retry: RetryConfig = {}): BenchOptions => ({
  retry,
  ...(fault.isSilent ? { requestTimeoutMillis: SHORT } : {}),
});

const bodies = (count: number): string[] => Array.from({ length: count }, (_, index) => `record ${index}`);

async function writeAll({ stream }: Bench, options?: AppendSessionOptions): Promise<Outcome[]> {
  const session = await stream.appendSession(options);
  const outcomes = bodies(BATCHES).map((body) => outcomeOf(body, session.submit({ body })));
  const all = await settled("every submit", Promise.all(outcomes));
  const closed = settled("close", session.close());
  if (all.every(({ ack }) => ack !== undefined)) await closed;
  else await expect(closed).rejects.toBe(session.failureCause());
  return all;
}

describe.each(WIRES)("over %s", (wire) => {
  describe.each(faultCases)("a server that $name", (fault) => {
    it("loses nothing of an append session, and doubles only what was not acknowledged [D1-4, D1-43, D1-82, G-1]", async () => {
      const ctx = await open(wire, optionsFor(fault, { maxAttempts: HITS + 2 }));
      ctx.local.faults.add({ on: { operation: "append", times: HITS }, do: fault.fault });
      const outcomes = await writeAll(ctx);
      expect(outcomes.map(({ error }) => error)).toEqual(outcomes.map(() => undefined));
      judge(outcomes, await ctx.log(), fault.losesAcks === true);
    });

    it("doubles nothing in exactly-once mode [H-24]", async () => {
      const ctx = await open(wire, optionsFor(fault, { maxAttempts: HITS + 2 }));
      ctx.local.faults.add({ on: { operation: "append", times: HITS }, do: fault.fault });
      const outcomes = await writeAll(ctx, { exactlyOnce: true });
      expect(outcomes.map(({ error }) => error)).toEqual(outcomes.map(() => undefined));
      judge(outcomes, await ctx.log(), false);
    });

    it("doubles nothing under noSideEffects, and says of each batch whether it can be there [D1-6, D1-7, G-4, H-6]", async () => {
      const ctx = await open(wire, optionsFor(fault, { maxAttempts: HITS + 2, appendRetryPolicy: "noSideEffects" }));
      ctx.local.faults.add({ on: { operation: "append", times: HITS }, do: fault.fault });
      judge(await writeAll(ctx), await ctx.log(), false);
    });

    it("keeps no record from a read session, and repeats none [G-8, D2-6]", async () => {
      const ctx = await open(wire, optionsFor(fault, { maxAttempts: HITS + 2 }));
      const all = bodies(12);
      await ctx.stream.append(all.slice(0, 4).map((body) => ({ body })));
      ctx.local.faults.add({ on: { operation: "read", mode: "session", times: HITS }, do: fault.fault });
      expect(await settled("the read", followAndFeed(ctx, all))).toEqual(all);
      expect(ctx.followers()).toBeLessThanOrEqual(1);
    });

    it("does not keep calls from their answers [D2-16]", async () => {
      const ctx = await open(wire, optionsFor(fault));
      const rule = { on: { times: HITS }, do: fault.fault };
      ctx.local.faults.add({ ...rule, on: { operation: "append", times: HITS } });
      const outcome = await settled("append", outcomeOf("call", ctx.stream.append({ body: "call" })));
      expect(outcome.error).toBeUndefined();
      const log = await ctx.log();
      judge([outcome], log, fault.losesAcks === true);
      ctx.local.faults.add(rule);
      expect((await settled("check", ctx.stream.checkTail())).tail.seq_num).toBe(log.length);
      ctx.local.faults.add(rule);
      expect((await settled("read", ctx.stream.read({ seq_num: 0 }))).records).toHaveLength(log.length);
    });
  });
});

/** Reads from the first record on; each that comes lets another be appended, until all have been. */
async function followAndFeed({ stream }: Bench, all: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  const session = await stream.readSession({ seq_num: 0 });
  for await (const { seq_num, body } of session) {
    seen.push(body);
    expect(seq_num).toBe(seen.length - 1);
    expect(session.nextReadPosition()?.seq_num).toBe(seq_num + 1);
    const next = all[seq_num + 4];
    if (next !== undefined) await stream.append({ body: next });
    if (seen.length === all.length) break;
  }
  return seen;
}

/** The error of a promise that must be refused. */
async function refusal(promise: Promise<unknown>): Promise<S2Error> {
  const error = await settled("a refusal", promise).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isS2Error(error)) throw new Error(`expected an S2Error, got ${String(error)}`);
  return error;
}

void S2Error;
