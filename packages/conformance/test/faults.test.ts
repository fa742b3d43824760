import {
  AppendOutcomeUnknownError,
  type AppendSessionOptions,
  isS2Error,
  RangeNotSatisfiableError,
  type ReadSession,
  type RetryConfig,
  type S2Error,
  SeqNumMismatchError,
} from "@s2-dev/streamstore";
import { buildRequest } from "@s2-dev/streamstore-core/operations";
import { openReadSession, resolveRetrySettings, staticCredentials } from "@s2-dev/streamstore-core/session";
import { resolveEndpoints } from "@s2-dev/streamstore-core/wire";
import type { FaultRule } from "@s2-dev/streamstore-local";
import { afterEach, describe, expect, it } from "vitest";
import { type Bench, type BenchOptions, openBench } from "../src/faults/bench.js";
import { type FaultCase, faultCases } from "../src/faults/cases.js";
import { createFastClock } from "../src/faults/fast-clock.js";
import { judge, type Outcome, outcomeOf } from "../src/faults/judge.js";
import { SOCKET_WIRES, type SocketWire } from "../src/targets.js";
import { eventually, settled } from "../src/waiting.js";
import { createTransport } from "../src/wires.js";

const BATCHES = 6;
/** How many requests a passing fault hits. */
const HITS = 2;
const ATTEMPTS = HITS + 2;
/**
 * Deadline of an attempt where the server is silent, in milliseconds: long enough for one where it is not, and over
 * before frames over HTTP/1.1 are given up for calls.
 */
const SHORT = 700;

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(wire: SocketWire, options: BenchOptions = {}): Promise<Bench> {
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

describe.each(SOCKET_WIRES)("over %s", (wire) => {
  describe.each(faultCases.map((fault) => [fault.name, fault] as const))(
    "a server that %s",
    (_name, fault) => {
      const times = fault.isSilent ? 1 : HITS;

      it("loses nothing of an append session, and doubles only what was not acknowledged [D1-4, D1-43, D1-82, G-1]", async () => {
        const ctx = await open(wire, optionsFor(fault, { maxAttempts: ATTEMPTS }));
        ctx.local.faults.add({ on: { operation: "append", times }, do: fault.fault });
        const outcomes = await writeAll(ctx);
        expect(outcomes.map(({ error }) => error)).toEqual(outcomes.map(() => undefined));
        judge(outcomes, await ctx.log(), fault.losesAcks === true);
      });

      it("doubles nothing in exactly-once mode [H-24]", async () => {
        const ctx = await open(wire, optionsFor(fault, { maxAttempts: ATTEMPTS }));
        ctx.local.faults.add({ on: { operation: "append", times }, do: fault.fault });
        const outcomes = await writeAll(ctx, { exactlyOnce: true });
        expect(outcomes.map(({ error }) => error)).toEqual(outcomes.map(() => undefined));
        judge(outcomes, await ctx.log(), false);
      });

      it("doubles nothing under noSideEffects, and says of each batch whether it can be there [D1-6, D1-7, G-4, H-6]", async () => {
        const ctx = await open(
          wire,
          optionsFor(fault, { maxAttempts: ATTEMPTS, appendRetryPolicy: "noSideEffects" }),
        );
        ctx.local.faults.add({ on: { operation: "append", times }, do: fault.fault });
        judge(await writeAll(ctx), await ctx.log(), false);
      });

      // A reader's patience with silence is 20 s: that is tried below, where time passes faster.
      it.skipIf(fault.fault.kind === "stall" && "at" in fault.fault && fault.fault.at === "headers")(
        "keeps no record from a read session, and repeats none [G-8, D2-6]",
        async () => {
          const ctx = await open(wire, optionsFor(fault, { maxAttempts: ATTEMPTS }));
          const all = bodies(12);
          await ctx.stream.append(all.slice(0, 4).map((body) => ({ body })));
          ctx.local.faults.add({ on: { operation: "read", mode: "session", times }, do: fault.fault });
          expect(await settled("the read", followAndFeed(ctx, all))).toEqual(all);
          expect(ctx.followers()).toBeLessThanOrEqual(1);
        },
      );

      it("does not keep calls from their answers [D2-16]", async () => {
        const ctx = await open(wire, optionsFor(fault));
        const rule = { on: { times }, do: fault.fault };
        ctx.local.faults.add({ ...rule, on: { operation: "append", times } });
        const outcome = await settled("append", outcomeOf("call", ctx.stream.append({ body: "call" })));
        expect(outcome.error).toBeUndefined();
        const log = await ctx.log();
        judge([outcome], log, fault.losesAcks === true);
        ctx.local.faults.add(rule);
        expect((await settled("check", ctx.stream.checkTail())).tail.seq_num).toBe(log.length);
        ctx.local.faults.add(rule);
        expect((await settled("read", ctx.stream.read({ seq_num: 0 }))).records).toHaveLength(log.length);
      });
    },
  );
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

/** Whether this comes to hold; fails at the deadline. */
const comes = (what: string, holds: () => boolean): Promise<true> =>
  eventually(what, async () => (holds() ? (true as const) : undefined));

describe.each(SOCKET_WIRES)("over %s, a session", (wire) => {
  it.each([
    [{ status: 403 }, 403, undefined],
    [{ status: 403, body: "<html>no</html>", headers: { "content-type": "text/html" } }, 403, undefined],
    [{ status: 404, code: "stream_not_found", message: "gone" }, 404, "stream_not_found"],
    [
      { status: 404, body: '{"code":"stream_no', headers: { "content-type": "application/json" } },
      404,
      undefined,
    ],
    [{ status: 400, body: "plain words" }, 400, undefined],
  ])(
    "is refused with the status of the answer: %j [D2-5, D1-55, D1-56, D1-59]",
    async (answer, status, code) => {
      const ctx = await open(wire);
      ctx.local.faults.add({ on: { operation: ["append", "read"] }, do: { kind: "answer", ...answer } });
      const reading = await refusal(ctx.stream.readSession({ seq_num: 0 }));
      const session = await ctx.stream.appendSession();
      const writing = await refusal(session.submit({ body: "x" }));
      const calling = await refusal(ctx.stream.append({ body: "x" }));
      for (const error of [reading, writing, calling]) {
        // Without a known code only a session that sent nothing before it was open proves that nothing was appended.
        const isProven = error === reading || code !== undefined || (error === writing && wire !== "fetch");
        const sideEffect = isProven ? "none" : "possible";
        expect(error).toMatchObject({ status, origin: "server", sideEffect, attempts: 1 });
        if (code !== undefined)
          expect(error).toMatchObject({ code, message: expect.stringContaining("gone") });
      }
      await expect(session.close()).rejects.toBe(session.failureCause());
    },
  );

  it("keeps class, code and status when attempts are spent, and counts them [G-9, H-4]", async () => {
    const ctx = await open(wire, { retry: { maxAttempts: 3 } });
    const rule = ctx.local.faults.add({ do: { kind: "answer", status: 503, code: "unavailable" } });
    const session = await ctx.stream.appendSession();
    const errors = [
      await refusal(ctx.stream.readSession({ seq_num: 0 })),
      await refusal(session.submit({ body: "x" })),
      await refusal(ctx.stream.append({ body: "x" })),
    ];
    for (const error of errors)
      expect(error).toMatchObject({ status: 503, code: "unavailable", attempts: 3 });
    expect(rule.hits).toBe(9);
    await refusal(session.close());
  });

  it("tells where the tail is when the start lies behind it [D1-38]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append({ body: "x" });
    for (const read of [
      () => ctx.stream.read({ seq_num: 9 }),
      () => ctx.stream.readSession({ seq_num: 9 }),
    ]) {
      const error = await refusal(read());
      expect(error).toBeInstanceOf(RangeNotSatisfiableError);
      expect(error).toMatchObject({ tail: { seq_num: 1 }, attempts: 1 });
    }
  });

  it.each([{ at: "request" }, { at: "headers" }] as const)(
    "of appends ends within its deadlines when the server is silent from the %j on [D2-2, G-2]",
    async (moment) => {
      // Before frames over HTTP/1.1 give their request up for a POST, which they do after a second.
      const requestTimeoutMillis = SHORT / 2;
      const ctx = await open(wire, { requestTimeoutMillis, retry: { maxAttempts: 2 } });
      const rule = ctx.local.faults.add({ on: { operation: "append" }, do: { kind: "stall", ...moment } });
      const session = await ctx.stream.appendSession();
      const error = await refusal(session.submit({ body: "x" }));
      expect(error).toMatchObject({ code: "REQUEST_TIMEOUT", attempts: 2 });
      await refusal(session.close());
      expect(rule.hits).toBe(2);
    },
  );

  it("that is closed while it opens leaves no request behind [D1-17, H-13]", async () => {
    const ctx = await open(wire);
    const rule = ctx.local.faults.add({ do: { kind: "hold-headers" } });
    const reading = refusal(ctx.stream.readSession({ tail_offset: 0 }));
    await comes("the request", () => rule.hits === 1 && ctx.followers() === 1);
    await settled("close", ctx.stream.close());
    expect(await reading).toMatchObject({ code: "SESSION_CLOSED" });
    await comes("no follower", () => ctx.followers() === 0);
  });

  it("of reads closes its request by break, cancel, a reader's cancel and dispose [D2-31, D1-41]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append({ body: "x" });
    const leave: ((session: ReadSession) => Promise<unknown>)[] = [
      async (session) => {
        for await (const _ of session) break;
      },
      (session) => session.cancel(),
      async (session) => {
        const reader = session.getReader();
        await reader.read();
        await reader.cancel();
      },
      async (session) => {
        const reader = session.getReader();
        await reader.read();
        await session.cancel();
      },
      async (session) => session[Symbol.asyncDispose](),
    ];
    for (const step of leave) {
      const session = await ctx.stream.readSession({ seq_num: 0 });
      await comes("a follower", () => ctx.followers() === 1);
      await settled("leaving", step(session));
      await comes("no follower", () => ctx.followers() === 0);
    }
  });

  it("of appends delivers the acks that came before an error [D1-84]", async () => {
    const ctx = await open(wire);
    const nth = wire === "fetch" ? 3 : 1;
    ctx.local.faults.add({
      on: { operation: "append", nth },
      do: {
        kind: "fail",
        status: 422,
        code: "invalid",
        message: "enough",
        insteadOf: wire === "fetch" ? 1 : 3,
      },
    });
    const session = await ctx.stream.appendSession();
    const outcomes = await Promise.all(bodies(4).map((body) => outcomeOf(body, session.submit({ body }))));
    expect(outcomes.map(({ ack }) => ack?.start.seq_num)).toEqual([0, 1, undefined, undefined]);
    expect(outcomes[2]?.error).toMatchObject({
      status: 422,
      code: "invalid",
      message: expect.stringContaining("enough"),
    });
    await refusal(session.close());
  });

  it("takes acks that come late, and sends nothing again [D2-3, H-9, D1-81, G-3]", async () => {
    const ctx = await open(wire, {
      requestTimeoutMillis: SHORT,
      retry: { minBaseDelayMillis: 30_000, maxBaseDelayMillis: 30_000 },
    });
    const rule = ctx.local.faults.add({ on: { operation: "append" }, do: { kind: "delay", ms: 2 * SHORT } });
    const session = await ctx.stream.appendSession();
    const outcome = await outcomeOf("late", session.submit({ body: "late" }));
    expect(outcome.error).toBeUndefined();
    expect(rule.hits).toBe(1);
    await session.close();
    judge([outcome], await ctx.log(), false);
  });

  it("sends zeros as values: match_seq_num, seq_num, timestamp and tail_offset [D1-2]", async () => {
    const ctx = await open(wire);
    const session = await ctx.stream.appendSession();
    await session.submit({ body: "a", timestamp: 0 }, { match_seq_num: 0 });
    expect(await refusal(session.submit({ body: "b" }, { match_seq_num: 0 }))).toBeInstanceOf(
      SeqNumMismatchError,
    );
    await refusal(session.close());
    expect(await refusal(ctx.stream.append({ body: "b" }, { match_seq_num: 0 }))).toBeInstanceOf(
      SeqNumMismatchError,
    );
    await ctx.stream.append({ body: "c" });
    const read = async (start: object): Promise<number[]> => {
      const seen: number[] = [];
      for await (const { seq_num } of await ctx.stream.readSession({ ...start, wait: 0 })) seen.push(seq_num);
      return seen;
    };
    expect(await read({ seq_num: 0 })).toEqual([0, 1]);
    expect(await read({ timestamp: 0 })).toEqual([0, 1]);
    // What is not said starts at the tail, as an offset of zero does: it would be refused without a wait.
    expect(await read({ tail_offset: 0, clamp: true })).toEqual([]);
    expect((await ctx.stream.read({ seq_num: 0 })).records[0]).toMatchObject({ seq_num: 0, timestamp: 0 });
  });

  it("is neither ended, doubled nor made to skip by a server that drains again and again [D1-79]", async () => {
    const ctx = await open(wire, { retry: { maxAttempts: 1, appendRetryPolicy: "noSideEffects" } });
    const all = bodies(8);
    const reading = (async () => {
      const seen: string[] = [];
      for await (const { body } of await ctx.stream.readSession({ tail_offset: 0 }))
        if (seen.push(body) === all.length) break;
      return seen;
    })();
    await comes("a follower", () => ctx.followers() === 1);
    const session = await ctx.stream.appendSession();
    for (const [index, body] of all.entries()) {
      if (index % 3 === 2)
        ctx.local.faults.add({
          on: { times: 2 },
          do: { kind: "answer", status: 503, code: "server_draining" },
        });
      const outcome = await outcomeOf(body, settled("the ack", session.submit({ body })));
      expect(outcome.error).toBeUndefined();
      // The next batch needs a new request, which meets the draining server.
      if (index % 3 === 1)
        ctx.local.faults.add({
          on: { operation: "append", times: 1 },
          do: { kind: "advise-reconnect", onMessage: 1 },
        });
    }
    await session.close();
    expect(await settled("the reader", reading)).toEqual(all);
    expect(await ctx.log()).toEqual(all);
  });

  it("does not take its own success for somebody else's mismatch [H-10, D1-85]", async () => {
    const ctx = await open(wire);
    const lose = {
      on: { operation: "append", times: 1 },
      do: { kind: "cut", how: "destroy", insteadOf: 1 },
    } as const;
    ctx.local.faults.add(lose);
    const calling = await refusal(ctx.stream.append({ body: "a" }, { match_seq_num: 0 }));
    ctx.local.faults.add(lose);
    const session = await ctx.stream.appendSession();
    const writing = await refusal(session.submit({ body: "b" }, { match_seq_num: 1 }));
    for (const error of [calling, writing]) {
      expect(error).toBeInstanceOf(AppendOutcomeUnknownError);
      expect(error).toMatchObject({ sideEffect: "possible", cause: { expectedSeqNum: expect.any(Number) } });
      expect(error.cause).toBeInstanceOf(SeqNumMismatchError);
    }
    await refusal(session.close());
    expect(await ctx.log()).toEqual(["a", "b"]);
  });

  it("that starts at the tail skips nothing when it is cut after its first frame [D2-13, H-7]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append({ body: "before" });
    const rule = ctx.local.faults.add({
      on: { operation: "read", times: 1 },
      do: { kind: "cut", how: "destroy", after: 1 },
    });
    ctx.local.faults.add({
      on: { operation: "read", nth: 2, times: 3 },
      do: { kind: "answer", status: 503, code: "unavailable" },
    });
    const session = await ctx.stream.readSession({ tail_offset: 0 });
    await ctx.stream.append({ body: "between" });
    await ctx.stream.append({ body: "after" });
    const seen: string[] = [];
    for await (const { body } of session) if (seen.push(body) === 2) break;
    expect(seen).toEqual(["between", "after"]);
    expect(rule.hits).toBe(1);
  });

  it("resumes from the one position that counts, whatever start it had [D1-88, D1-79]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append(["a", "b", "c"].map((body, index) => ({ body, timestamp: 100 + index })));
    for (const start of [{ timestamp: 101 }, { tail_offset: 2 }]) {
      ctx.local.faults.add({
        on: { operation: "read", times: 1 },
        do: { kind: "fail", status: 503, code: "server_draining", after: 1 },
      });
      const session = await ctx.stream.readSession(start);
      const feed = ctx.stream.append({ body: "d" });
      const seen: string[] = [];
      for await (const { body } of session) if (seen.push(body) === 3) break;
      await feed;
      expect(seen).toEqual(start.timestamp === undefined ? ["c", "d", "d"] : ["b", "c", "d"]);
    }
  });

  it("outlasts a long outage with unlimited attempts [D1-89]", async () => {
    const ctx = await open(wire, { retry: { maxAttempts: "unlimited" } });
    ctx.local.faults.add({
      on: { operation: "read", times: 1 },
      do: { kind: "cut", how: "destroy", after: 1 },
    });
    const rule = ctx.local.faults.add({
      on: { operation: "read", nth: 2, times: 60 },
      do: { kind: "answer", status: 503, code: "unavailable" },
    });
    const session = await ctx.stream.readSession({ tail_offset: 0 });
    const next = session[Symbol.asyncIterator]().next();
    await comes("the outage's end", () => rule.hits === 60);
    await ctx.stream.append({ body: "at last" });
    expect((await settled("a record", next)).value?.body).toBe("at last");
    await session.cancel();
  });

  it("asks a draining server at most four times a second [D2-20, G-11, H-5]", async () => {
    const ctx = await open(wire);
    const rule = ctx.local.faults.add({ on: { mode: "session" }, do: { kind: "drain", ms: 60_000 } });
    const appends = ctx.local.faults.add({ on: { operation: "append" }, do: { kind: "drain", ms: 60_000 } });
    const controller = new AbortController();
    const began = performance.now();
    const reading = refusal(ctx.stream.readSession({ seq_num: 0 }, { signal: controller.signal }));
    await comes("a few attempts", () => rule.hits >= 4);
    const session = await ctx.stream.appendSession({}, { signal: controller.signal });
    const writing = refusal(session.submit({ body: "x" }));
    await comes("a few attempts", () => appends.hits >= 3);
    controller.abort();
    const quarters = (performance.now() - began) / 250;
    expect(rule.hits).toBeLessThanOrEqual(2 * (quarters + 1));
    expect(await reading).toMatchObject({ code: "ABORTED" });
    expect(await writing).toMatchObject({ code: "ABORTED" });
    await refusal(session.close());
  });

  it("lets a refused batch fail alone [D2-28, H-8]", async () => {
    const ctx = await open(wire);
    const session = await ctx.stream.appendSession();
    const first = session.submit({ body: "a" });
    const bad = refusal(session.submit([]));
    const last = session.submit({ body: "b" });
    expect(await bad).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect([(await first).start.seq_num, (await last).start.seq_num]).toEqual([0, 1]);
    await session.close();
  });

  it("carries every field of a record [D1-3, D1-49]", async () => {
    const ctx = await open(wire);
    const session = await ctx.stream.appendSession();
    await session.submit([
      { body: "x", headers: { a: "b" }, timestamp: 123 },
      { body: "", timestamp: 124 },
    ]);
    await session.close();
    const [full, empty] = (await ctx.stream.read({ seq_num: 0 })).records;
    expect(full).toMatchObject({ body: "x", timestamp: 123, headers: { a: "b" } });
    expect(empty).toMatchObject({ body: "", timestamp: 124 });
  });

  it("can be clamped to the tail of a short stream, and a unary read is one request [D2-12, D1-78, D1-37]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append({ body: "x" });
    const session = await ctx.stream.readSession({ clamp: true, tail_offset: 10 });
    for await (const { body } of session) {
      expect(body).toBe("x");
      break;
    }
    const asked = ctx.requests.length;
    await ctx.stream.read({ seq_num: 0 });
    expect(ctx.requests.length).toBe(asked + 1);
  });

  it("of bounded reads takes only a marked end for an end [D1-31, H-11]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append(bodies(4).map((body) => ({ body })));
    const cut =
      wire === "fetch"
        ? ({ how: "end", after: 1 } as const)
        : ({ how: "end", insteadOf: 1, part: true } as const);
    const rule = ctx.local.faults.add({ on: { operation: "read", times: 2 }, do: { kind: "cut", ...cut } });
    const seen: string[] = [];
    for await (const { body } of await ctx.stream.readSession({ seq_num: 0, wait: 0 })) seen.push(body);
    expect(seen).toEqual(bodies(4));
    expect(rule.hits).toBe(2);
  });

  it("judges an error at its end by its content [D2-19]", async () => {
    const ctx = await open(wire);
    await ctx.stream.append({ body: "x" });
    const rule = ctx.local.faults.add({
      on: { operation: "read" },
      do: { kind: "fail", status: 400, code: "decryption_failed", at: "headers" },
    });
    const error = await refusal(
      ctx.stream.readSession({ seq_num: 0 }).then((session) => session[Symbol.asyncIterator]().next()),
    );
    expect(error).toMatchObject({ code: "decryption_failed", retryable: false });
    expect(rule.hits).toBe(1);
  });
});

describe("over fetch", () => {
  it.each([
    { body: "" },
    { body: "<html>hello</html>", headers: { "content-type": "text/html" } },
    { body: '{"hello":1}', headers: { "content-type": "application/json" } },
  ])("a 200 that is no ack is an unknown outcome at once: %j [D2-27]", async (answer) => {
    const ctx = await open("fetch");
    const rule = ctx.local.faults.add({
      on: { operation: "append" },
      do: { kind: "answer", status: 200, ...answer },
    });
    const session = await ctx.stream.appendSession();
    const error = await refusal(session.submit({ body: "x" }));
    expect(error).toMatchObject({ code: "PROTOCOL_ERROR", sideEffect: "possible" });
    expect(rule.hits).toBe(1);
    await refusal(session.close());
  });
});

describe("over s2s", () => {
  it("a frame of length zero is a protocol error that drops the connection [D1-44]", async () => {
    const ctx = await open("s2s");
    await ctx.stream.append({ body: "x" });
    ctx.local.faults.add({ on: { mode: "session" }, do: { kind: "inject", hex: "000000", at: "headers" } });
    const reading = await refusal(
      ctx.stream.readSession({ seq_num: 0 }).then((session) => session[Symbol.asyncIterator]().next()),
    );
    const session = await ctx.stream.appendSession();
    const writing = await refusal(session.submit({ body: "y" }));
    expect([reading.code, writing.code]).toEqual(["PROTOCOL_ERROR", "PROTOCOL_ERROR"]);
    await refusal(session.close());
    await comes("no follower", () => ctx.followers() === 0);
  });
});

describe.each(SOCKET_WIRES)("over %s, a tail in fast time", (wire) => {
  // What must come within five seconds of that time has a quarter of one.
  const FACTOR = 20;

  /** A tail whose client lives so much faster, like its server. */
  async function openTail(faults: readonly FaultRule[], retry: RetryConfig = {}) {
    const clock = createFastClock(FACTOR);
    const ctx = await openBench(wire, { clock }, faults);
    bench = ctx;
    const transport = createTransport(wire);
    const session = await openReadSession(
      {
        transport,
        clock,
        random: () => 0,
        retry: resolveRetrySettings(retry),
        credentials: staticCredentials(() => "any"),
      },
      {
        range: { tail_offset: 0 },
        format: { as: "string", unsafeTimestamps: "error" } as never,
        request: (query) =>
          buildRequest(
            "read",
            { stream: "log", ...query },
            {
              endpoints: resolveEndpoints({ endpoints: ctx.local.endpoints }, {}),
              headers: {},
              basin: "faulty-basin",
            },
          ),
      },
    );
    return { ctx, transport, session, clock, next: session[Symbol.asyncIterator]().next() };
  }

  it("stays open over minutes of silence but for heartbeats [D1-30]", async () => {
    const { ctx, transport, session, clock, next } = await openTail([]);
    const until = clock.now() + 90_000;
    await comes("a minute and a half", () => clock.now() > until);
    expect(ctx.requests).toHaveLength(1);
    await ctx.stream.append({ body: "here" });
    expect((await settled("a record", next)).value?.body).toBe("here");
    await session.cancel();
    await transport.close();
  });

  it("resets a request that is silent, and goes on with another [D2-9, G-10]", async () => {
    const { ctx, transport, session, next } = await openTail([
      { on: { operation: "read", nth: 1, times: 3 }, do: { kind: "stall", after: 1 } },
    ]);
    await comes("three silences", () => ctx.requests.length === 4);
    await comes("one follower", () => ctx.followers() === 1);
    await ctx.stream.append({ body: "here" });
    expect((await settled("a record", next)).value?.body).toBe("here");
    await session.cancel();
    await transport.close();
  });
});
