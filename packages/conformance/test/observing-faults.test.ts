import { createObserver, EVENT_NAMES, type EventName, type Hooks, isS2Error } from "@s2-dev/streamstore";
import type { FaultAction } from "@s2-dev/streamstore-local";
import { afterEach, describe, expect, it } from "vitest";
import { type Bench, type BenchOptions, openBench } from "../src/faults/bench.js";
import { type Recording, recordEvents } from "../src/recording.js";
import type { BuiltInWire } from "../src/targets.js";
import { settled } from "../src/waiting.js";

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(
  wire: BuiltInWire,
  options: BenchOptions = {},
): Promise<{ readonly ctx: Bench; readonly recording: Recording }> {
  const recording = recordEvents();
  bench = await openBench(wire, { ...options, observer: createObserver(recording.hooks) });
  return { ctx: bench, recording };
}

const OPENED: readonly EventName[] = ["sessionStarted", "attemptStarted", "sessionOpened"];
/** What comes between a break and the next link that opens. */
const BROKEN: readonly EventName[] = ["attemptEnded", "retryScheduled", "attemptStarted"];

describe.each<BuiltInWire>(["fetch", "s2s"])("over %s, an observer", (wire) => {
  it("sees a call through a 503 and then well", async () => {
    const { ctx, recording } = await open(wire);
    ctx.local.faults.add({
      on: { operation: "check_tail", times: 1 },
      do: { kind: "answer", status: 503, code: "unavailable" },
    });
    await ctx.stream.checkTail();
    expect(recording.names()).toEqual([
      "callStarted",
      "attemptStarted",
      ...BROKEN,
      "attemptEnded",
      "callFinished",
    ]);
    expect(recording.all("attemptEnded").map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 200],
    ]);
    expect(recording.all("retryScheduled")).toMatchObject([
      { attempt: 1, delayMillis: expect.any(Number), error: { code: "unavailable", status: 503 } },
    ]);
    expect(recording.all("callFinished")).toMatchObject([{ attempts: 2, error: undefined }]);
  });

  it("sees an append session whose batch was cut off, and what is sent again", async () => {
    const { ctx, recording } = await open(wire);
    ctx.local.faults.add({
      on: { operation: "append", times: 1 },
      do: { kind: "cut", how: "destroy", insteadOf: 1 },
    });
    const session = await ctx.stream.appendSession();
    await settled("the ack", session.submit({ body: "a" }));
    await session.close();
    expect(recording.names()).toEqual([
      ...OPENED,
      "batchSent",
      ...BROKEN,
      "resumed",
      "batchSent",
      "batchAcked",
      "attemptEnded",
      "sessionEnded",
    ]);
    expect(recording.all("batchSent").map(({ attempt, resent }) => [attempt, resent])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect(recording.all("attemptEnded")[0]).toMatchObject({ error: { code: "CONNECTION_LOST" } });
    expect(recording.all("connectionOpened").length).toBe(2);
  });

  it("sees where a read session resumes after a reset", async () => {
    const { ctx, recording } = await open(wire);
    await ctx.stream.append([{ body: "a" }, { body: "b" }]);
    const before = recording.names().length;
    ctx.local.faults.add({
      on: { operation: "read", times: 1 },
      // The first two are the batch and the heartbeat behind it: what came before the reset has been read by then.
      do: { kind: "cut", how: "reset", insteadOf: 3 },
    });
    const session = await ctx.stream.readSession({ seq_num: 0, count: 3, wait: 60 });
    const iterator = session[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const third = iterator.next();
    await ctx.connect({}).stream.append({ body: "c" });
    await settled("the third record", third);
    await settled("the end", iterator.next());
    const names = recording.names().slice(before);
    expect(names.filter((name) => name !== "heartbeat")).toEqual([
      ...OPENED,
      "batchReceived",
      ...BROKEN,
      "resumed",
      "batchReceived",
      "attemptEnded",
      "sessionEnded",
    ]);
    expect(recording.all("resumed")).toMatchObject([{ attempt: 2, from: { seq_num: 2 } }]);
    expect(recording.all("sessionEnded")).toMatchObject([{ totals: { batches: 2, records: 3, bytes: 27 } }]);
  });

  it("sees that a server drains", async () => {
    const { ctx, recording } = await open(wire);
    ctx.local.faults.add({ on: { operation: "append" }, do: { kind: "drain", ms: 20 } });
    const session = await ctx.stream.appendSession();
    await settled("the ack", session.submit({ body: "a" }));
    await session.close();
    expect(recording.all("reconnectAdvised")[0]).toMatchObject({ attempt: 1, reason: "draining" });
    const [retry] = recording.all("retryScheduled");
    expect(retry).toMatchObject({ error: { code: "server_draining" } });
    expect(retry?.delayMillis).toBeGreaterThan(0);
    expect(recording.all("batchAcked")).toHaveLength(1);
  });

  it("sees a deadline pass over a server that never answers", async () => {
    const { ctx, recording } = await open(wire, { requestTimeoutMillis: 1000 });
    const stall: FaultAction = { kind: "stall" };
    ctx.local.faults.add({ on: { operation: "read", mode: "session", times: 1 }, do: stall });
    const session = await ctx.stream.readSession({ seq_num: 0, clamp: true });
    await session.cancel();
    expect(recording.names().filter((name) => name !== "heartbeat")).toEqual([
      "sessionStarted",
      "attemptStarted",
      ...BROKEN,
      "sessionOpened",
      "attemptEnded",
      "sessionEnded",
    ]);
    expect(recording.all("attemptEnded")[0]).toMatchObject({ error: { code: "REQUEST_TIMEOUT" } });
  });

  it("sees a server that cannot be reached", async () => {
    const { ctx, recording } = await open(wire, { retry: { maxAttempts: 1 } });
    await ctx.local.close();
    const error = await ctx.stream.checkTail().catch((thrown: unknown) => thrown);
    expect(isS2Error(error) && error.code).toBe("CONNECT_FAILED");
    expect(recording.all("callFinished")[0]?.error).toBe(error);
    expect(recording.all("connectionFailed")).toMatchObject([
      { connection: { transport: wire, origin: ctx.local.origin }, error: { code: "CONNECT_FAILED" } },
    ]);
  });

  it("disturbs nothing by throwing at every event", async () => {
    const told = new Set<EventName>();
    const hooks = Object.fromEntries(
      EVENT_NAMES.map((name) => [
        name,
        () => {
          told.add(name);
          throw new Error(name);
        },
      ]),
    ) as Hooks;
    bench = await openBench(wire, { observer: createObserver(hooks) });
    bench.local.faults.add({
      on: { operation: ["append", "read"], times: 2 },
      do: { kind: "cut", how: "destroy", insteadOf: 1 },
    });
    const session = await bench.stream.appendSession({ maxInflightBatches: 1 });
    for (const body of ["a", "b", "c"]) await settled(body, session.submit({ body }));
    await session.close();
    const seen: string[] = [];
    for await (const { body } of await bench.stream.readSession({ seq_num: 0, wait: 0 })) seen.push(body);
    expect(new Set(seen)).toEqual(new Set(["a", "b", "c"]));
    expect(told).toEqual(new Set([...told, "retryScheduled", "resumed", "batchReceived", "hookFailed"]));
  });
});
