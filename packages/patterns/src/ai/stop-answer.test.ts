import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { CHUNKS, createAnswerRig, dying, NOW } from "../../test/answer-rig.js";
import { type MemoryConversation, unreachable } from "../../test/memory-conversation.js";
import { feed, readEvents } from "../../test/ui-chunks.js";
import { acquireLease } from "../lease/index.js";
import { continueAnswer, type StopOptions, startAnswer, stopAnswer } from "./index.js";

const isStop = (records: unknown): boolean => JSON.stringify(records).includes('["_ai","stop"]');

/** Lets this happen just before a request to stop lands. */
function beforeStop(memory: MemoryConversation, happens: () => Promise<unknown>): void {
  const append = memory.append.bind(memory);
  memory.append = async (records, args) => {
    if (isStop(records)) await happens();
    return append(records, args);
  };
}

describe("stopping", () => {
  it("reaches the producer wherever it runs, ends its model call, and everybody sees the end", async () => {
    const { clock, memory, begin, follow } = createAnswerRig();
    const { answer, source } = await begin(5);
    const events = await follow();
    // What the AI SDK does when its signal is aborted.
    answer.signal.addEventListener("abort", () => {
      source.give({ type: "abort" });
      source.end();
    });
    const stopping = stopAnswer(memory.stream, { clock });
    await clock.advance(100);
    expect(await stopping).toEqual({ answer: "a1", reason: "stopped" });
    expect(answer.signal.reason).toMatchObject({ name: "AbortError" });
    expect(await answer.done).toEqual({ answer: "a1", reason: "stopped", isStored: true });
    expect(events.data.slice(-2)).toEqual(['{"type":"abort"}', "[DONE]"]);
    expect(memory.bodies(/^end$/)).toEqual(['{"answer":"a1","reason":"stopped"}']);
    expect([memory.open.size, clock.pending]).toEqual([0, []]);
  });

  it("cuts off a source that does not end by itself", async () => {
    const { clock, memory, begin, follow } = createAnswerRig();
    const { source } = await begin(5, { stopGraceMillis: 300 });
    const events = await follow();
    const stopping = stopAnswer(memory.stream, { clock });
    await clock.advance(299);
    expect(source.cancelledWith).toEqual([]);
    await clock.advance(50);
    expect(source.cancelledWith).toHaveLength(1);
    expect((await stopping)?.reason).toBe("stopped");
    expect(events.data.slice(-2)).toEqual(['{"type":"abort"}', "[DONE]"]);
  });

  it("does nothing where nothing is active, or another answer is than was meant", async () => {
    const { clock, memory, begin } = createAnswerRig();
    expect(await stopAnswer(memory.stream, { clock })).toBeUndefined();
    const { answer } = await begin(5);
    const appends = memory.appends.length;
    expect(await stopAnswer(memory.stream, { clock, answer: "an older one" })).toBeUndefined();
    expect([memory.appends.length, answer.signal.aborted]).toEqual([appends, false]);
  });

  it("of an earlier answer leaves a later one alone", async () => {
    const { clock, memory, begin } = createAnswerRig();
    const { answer } = await begin(5);
    await memory.append({ headers: [["_ai", "stop"]], body: '{"answer":"an older one"}' });
    await clock.advance(5000);
    expect(answer.signal.aborted).toBe(false);
  });

  it("can be asked for by the producer's own process, too", async () => {
    const { clock, begin } = createAnswerRig();
    const controller = new AbortController();
    const { answer, source } = await begin(5, { signal: controller.signal });
    controller.abort();
    await clock.advance(1100);
    expect([(await answer.done).reason, source.cancelledWith.length]).toEqual(["stopped", 1]);
  });

  it("gives up waiting after a while", async () => {
    const { clock, memory, begin } = createAnswerRig();
    await begin(5, { stopGraceMillis: 100_000 });
    const stopping = stopAnswer(memory.stream, { clock, waitMillis: 2000 });
    await clock.advance(2000);
    expect(await stopping).toEqual({ answer: "a1", reason: "requested" });
    expect(memory.open.size).toBe(1);
  });
});

describe("an answer that is not given its chunks", () => {
  const unfed = async () => {
    const rig = createAnswerRig();
    const answer = await startAnswer(rig.memory.stream, { ...rig.options, stopGraceMillis: 300 });
    return { ...rig, answer };
  };

  it("is ended by a stop when the grace is over, and whoever comes next is not refused", async () => {
    const { clock, memory, options, answer, ends } = await unfed();
    await clock.advance(30_000);
    const stopping = stopAnswer(memory.stream, { clock });
    await clock.advance(299);
    expect(ends()).toEqual([]);
    await clock.advance(100);
    expect(await stopping).toEqual({ answer: "a1", reason: "stopped" });
    expect(await answer.done).toEqual({ answer: "a1", reason: "stopped", isStored: true });
    expect([memory.token, memory.open.size, clock.pending]).toEqual(["", 0, []]);
    expect((await startAnswer(memory.stream, { ...options, id: "a2" })).id).toBe("a2");
  });

  it("takes them late, and says that it was stopped", async () => {
    const { clock, memory, answer, ends } = await unfed();
    const stopping = stopAnswer(memory.stream, { clock });
    await clock.advance(1000);
    await stopping;
    const source = feed();
    source.give(...CHUNKS);
    const events = readEvents(answer.respond(source.stream));
    await clock.advance(1000);
    expect([events.data, source.cancelledWith.length]).toEqual([['{"type":"abort"}', "[DONE]"], 1]);
    await answer[Symbol.asyncDispose]();
    expect(ends()).toEqual([{ answer: "a1", reason: "stopped" }]);
  });

  it("is over when somebody takes over", async () => {
    const { clock, memory, options, answer } = await unfed();
    await startAnswer(memory.stream, { ...options, id: "a2", whenActive: "takeOver" });
    await clock.advance(100);
    expect(await answer.done).toEqual({ answer: "a1", reason: "replaced", isStored: false });
  });
});

describe("a stop", () => {
  it("that comes when the answer has just ended by itself gives its reason, and fences nothing", async () => {
    const { clock, memory, begin, ends, fences } = createAnswerRig();
    const { answer, source } = await begin(5);
    beforeStop(memory, () => {
      source.give(...CHUNKS.slice(5));
      source.end();
      return answer.done;
    });
    const stopping = stopAnswer(memory.stream, { clock, clockSkewMillis: 1000 });
    await clock.advance(100);
    expect(await stopping).toEqual({ answer: "a1", reason: "finished" });
    await clock.advance(20_000);
    // The lease was taken and given back, once each.
    expect([fences(), ends().length, memory.open.size, clock.pending]).toEqual([2, 1, 0, []]);
  });

  it("waits for somebody else who holds the stream, and asks for it no more often than every second", async () => {
    const { clock, memory, begin, ends } = createAnswerRig();
    await begin(5, dying());
    await clock.advance(11_000);
    // Something else has the stream at the moment, as a compaction does.
    const other = await acquireLease(memory.stream, { clock, ttlMillis: 3000, clockSkewMillis: 1000 });
    const before = memory.reads.length;
    const stopping = stopAnswer(memory.stream, { clock, clockSkewMillis: 1000, waitMillis: 60_000 });
    await clock.advance(10_000);
    expect([ends(), memory.reads.length - before < 20]).toEqual([[], true]);
    await other.release();
    await clock.advance(2000);
    expect(await stopping).toEqual({ answer: "a1", reason: "stopped" });
  });

  it("hears of the end by whoever goes on with the answer meanwhile", async () => {
    const { clock, memory, options, begin, ends } = createAnswerRig();
    await begin(5, dying());
    await clock.advance(10_500);
    const successor = await continueAnswer(memory.stream, options);
    const stopping = stopAnswer(memory.stream, { clock, clockSkewMillis: 1000 });
    await clock.advance(100);
    expect(successor?.signal.aborted).toBe(true);
    await successor?.persist((async function* () {})());
    expect(await stopping).toEqual({ answer: "a1", reason: "stopped" });
    expect(ends()).toHaveLength(1);
  });

  it("is over in time, whatever hangs", async () => {
    const { clock, memory, begin } = createAnswerRig();
    await begin(5);
    const open = memory.readSession.bind(memory) as (...args: unknown[]) => Promise<never>;
    // The look for the answer is answered, and nothing afterwards.
    memory.readSession = ((args, options) =>
      args?.tail_offset === 16
        ? open(args, options)
        : new Promise((_, reject) =>
            options?.signal?.addEventListener("abort", () => reject(unreachable), { once: true }),
          )) as MemoryConversation["readSession"];
    const stopping = stopAnswer(memory.stream, { clock, waitMillis: 3000 });
    await clock.advance(3000);
    expect(await stopping).toEqual({ answer: "a1", reason: "requested" });
  });

  it("ends with its own signal, and leaves nothing", async () => {
    const { clock, memory, begin } = createAnswerRig();
    await begin(5, { stopGraceMillis: 100_000 });
    const leaving = new AbortController();
    const stopping = stopAnswer(memory.stream, { clock, signal: leaving.signal });
    await clock.advance(100);
    leaving.abort();
    await expect(stopping).rejects.toMatchObject({ code: "ABORTED" });
    expect(memory.open.size).toBe(1);
  });

  it.each([
    [{ ttlMillis: 0 }, "ttlMillis must be between 1 and"],
    [{ clockSkewMillis: -1 }, "clockSkewMillis must be between 0 and"],
    [{ waitMillis: -1 }, "waitMillis must be between 0 and"],
    [{ owner: "x".repeat(17) }, "owner must be text of at most 16 bytes"],
  ])("is refused with %j before anything is sent", async (options, message) => {
    const { memory, begin } = createAnswerRig();
    await begin(5);
    const seen = [memory.appends.length, memory.reads.length];
    await expect(stopAnswer(memory.stream, options as StopOptions)).rejects.toThrow(message);
    expect([memory.appends.length, memory.reads.length]).toEqual(seen);
  });
});

describe("the producer's watch for requests to stop", () => {
  it.each([
    ["fails", unreachable],
    ["ends", undefined],
  ])("is opened again when its read %s, and misses nothing of the meantime", async (_, error) => {
    const { clock, memory, errors, begin } = createAnswerRig();
    const { answer } = await begin(5);
    memory.breakReads(error);
    const stopping = stopAnswer(memory.stream, { clock });
    await clock.advance(499);
    expect(answer.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(answer.signal.aborted).toBe(true);
    await clock.advance(2000);
    expect(await stopping).toEqual({ answer: "a1", reason: "stopped" });
    expect(errors).toEqual(error === undefined ? [] : [unreachable]);
    expect([memory.open.size, clock.pending]).toEqual([0, []]);
  });

  it("that cannot be opened is tried less and less often, and told once", async () => {
    const { clock, memory, errors, begin } = createAnswerRig();
    const { answer } = await begin(5);
    const open = memory.readSession.bind(memory);
    let tries = 0;
    memory.readSession = () => {
      tries += 1;
      return Promise.reject(unreachable);
    };
    memory.breakReads(unreachable);
    await clock.advance(60_000);
    expect([errors, tries > 4, tries < 10]).toEqual([[unreachable], true, true]);
    memory.readSession = open;
    await clock.advance(15_000);
    void stopAnswer(memory.stream, { clock, waitMillis: 0 });
    await clock.advance(100);
    expect(answer.signal.aborted).toBe(true);
  });

  it("of whoever goes on with an answer does not take old renewals for news", async () => {
    const { clock, memory, options, begin, fences } = createAnswerRig();
    const own = createFakeClock(NOW);
    await begin(5, { clock: own });
    // Ten renewals, and then nothing more.
    await own.advance(30_000);
    await clock.advance(60_000);
    const before = fences();
    expect(before).toBeGreaterThan(9);
    const answer = await continueAnswer(memory.stream, options);
    await clock.advance(100);
    // The lease it has taken.
    expect(fences() - before).toBe(1);
    void stopAnswer(memory.stream, { clock, waitMillis: 0 });
    await clock.advance(100);
    expect(answer?.signal.aborted).toBe(true);
  });
});
