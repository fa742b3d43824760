import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { CHUNKS, dying, fedWith, createAnswerRig as setUp, WORDS } from "../../test/answer-rig.js";
import { unreachable } from "../../test/memory-conversation.js";
import { answerChunks, feed, textOf } from "../../test/ui-chunks.js";
import { continueAnswer, findAnswer, stopAnswer } from "./index.js";

describe("a producer that has gone", () => {
  it("is noticed by readers when its lease has run out, not before, and they are told", async () => {
    const { clock, memory, begin, follow } = setUp();
    await begin(5);
    const { answer } = { answer: await findAnswer(memory.stream) };
    expect(answer).toEqual({ answer: "a1", begin: 1 });
    memory.failure = unreachable;
    const events = await follow();
    const late = await follow({}, { "last-event-id": events.ids[2] as string });
    await clock.advance(9949);
    expect(events.data).toHaveLength(5);
    await clock.advance(1);
    expect(events.data.slice(5)).toEqual([
      '{"type":"error","errorText":"The answer was interrupted."}',
      "[DONE]",
    ]);
    expect(late.data.at(-1)).toBe("[DONE]");
    expect([await events.finished, await late.finished]).toEqual(["ended", "ended"]);
  });

  it("is not taken for dead while it renews its lease, however long its model is silent", async () => {
    const { clock, begin, follow } = setUp();
    const { source } = await begin(5);
    const events = await follow();
    await clock.advance(300_000);
    source.give(...CHUNKS.slice(5));
    source.end();
    await clock.advance(1000);
    expect(textOf(events.data.slice(0, -1))).toBe("Once upon a time");
  });

  it("is followed by another that goes on from the last durable part, and readers see no seam", async () => {
    const { clock, memory, options, begin, follow } = setUp();
    await begin(5, dying());
    const asked: unknown[] = [];
    const onCrash = async (active: unknown) => {
      asked.push(active);
      await new Promise<void>((resolve) => clock.timer(10, resolve, true));
      const continued = await continueAnswer(memory.stream, options);
      void continued?.persist(fedWith(answerChunks(["a ", "time"], "other")));
      return continued?.text;
    };
    const readers = [await follow({ onCrash }), await follow({ onCrash })];
    await clock.advance(20_000);
    for (const { data } of readers) {
      expect(textOf(data.slice(0, -1))).toBe("Once upon a time");
      expect(data.slice(0, -1).map((json) => JSON.parse(json).type)).toEqual(CHUNKS.map(({ type }) => type));
    }
    expect(asked).toEqual([
      { answer: "a1", begin: 1 },
      { answer: "a1", begin: 1 },
    ]);
    expect(memory.bodies(/^end$/)).toEqual(['{"answer":"a1","reason":"finished"}']);
    expect([memory.open.size > 1, clock.pending]).toEqual([false, []]);
  });

  it("is followed by one whose program waits for its end in `onCrash`: readers see it go on meanwhile", async () => {
    const { clock, memory, options, begin, follow } = setUp();
    await begin(5, dying());
    const source = feed();
    let isDone = false;
    const onCrash = async () => {
      const continued = await continueAnswer(memory.stream, options);
      await continued?.persist(source.stream);
      isDone = true;
    };
    const events = await follow({ onCrash });
    await clock.advance(10_000);
    source.give(...answerChunks(["a ", "time"], "other").slice(0, 4));
    await clock.advance(100_000);
    expect([textOf(events.data), isDone]).toEqual(["Once upon a ", false]);
    source.give(...answerChunks(["a ", "time"], "other").slice(4));
    source.end();
    await clock.advance(100);
    expect([textOf(events.data.slice(0, -1)), isDone]).toEqual(["Once upon a time", true]);
    expect(await events.finished).toBe("ended");
  });

  it("is followed by one that goes on though `onCrash` fails behind it, and that is told to the program", async () => {
    const { clock, memory, options, begin, follow } = setUp();
    await begin(5, dying());
    const source = feed();
    const errors: unknown[] = [];
    const onCrash = async () => {
      void (await continueAnswer(memory.stream, options))?.persist(source.stream);
      await new Promise<void>((resolve) => clock.timer(500, resolve, true));
      throw new Error("no log");
    };
    const events = await follow({ onCrash, onError: (error) => errors.push(error.message) });
    await clock.advance(12_000);
    source.give(...answerChunks(["a ", "time"], "other"));
    source.end();
    await clock.advance(100);
    expect(textOf(events.data.slice(0, -1))).toBe("Once upon a time");
    expect(errors).toEqual(["The answer could not be continued: no log"]);
  });

  it("is told of when nobody goes on in time, or that fails", async () => {
    const { clock, begin, follow } = setUp();
    await begin(5, dying());
    const errors: unknown[] = [];
    const idle = await follow({ onCrash: () => {}, crashGraceMillis: 3000 });
    const failing = await follow({
      onCrash: () => Promise.reject(new Error("no model")),
      onError: (error) => errors.push(error.message),
    });
    await clock.advance(10_000);
    expect([failing.data.at(-1), idle.data.length]).toEqual(["[DONE]", 5]);
    expect(errors).toEqual(["The answer could not be continued: no model"]);
    await clock.advance(3000);
    expect(idle.data.at(-1)).toBe("[DONE]");
  });

  it("can be followed again when its successor goes, too", async () => {
    const { clock, memory, options, begin, follow } = setUp();
    await begin(4, dying());
    let workers = 0;
    const onCrash = async () => {
      workers += 1;
      const isLast = workers === 2;
      const own = isLast ? clock : createFakeClock(clock.now());
      const continued = await continueAnswer(memory.stream, { ...options, clock: own });
      const source = feed();
      void continued?.persist(source.stream);
      source.give(...answerChunks(WORDS.slice(workers), `w${workers}`).slice(0, isLast ? undefined : 4));
      if (isLast) source.end();
      else await (own as FakeClock).advance(50);
    };
    const events = await follow({ onCrash });
    await clock.advance(40_000);
    expect([workers, textOf(events.data.slice(0, -1))]).toEqual([2, "Once upon a time"]);
  });

  it("can be asked to stop: whoever asks ends its answer, when its lease has run out", async () => {
    const { clock, memory, begin, follow } = setUp();
    await begin(5, dying());
    const events = await follow({ onCrash: () => {} });
    const stopped = stopAnswer(memory.stream, { clock, clockSkewMillis: 1000, waitMillis: 60_000 });
    await clock.advance(12_000);
    expect(await stopped).toEqual({ answer: "a1", reason: "stopped" });
    expect(events.data.slice(5)).toEqual(['{"type":"abort"}', "[DONE]"]);
    expect(memory.bodies(/^end$/)).toEqual(['{"answer":"a1","reason":"stopped"}']);
    expect(memory.token).toBe("");
  });

  it("is not continued when somebody has asked to stop, when it has ended, or while it lives", async () => {
    const { clock, memory, options, begin } = setUp();
    expect(await continueAnswer(memory.stream, options)).toBeUndefined();
    await begin(5, dying());
    await expect(continueAnswer(memory.stream, options)).rejects.toMatchObject({ code: "LEASE_HELD" });
    await stopAnswer(memory.stream, { clock, waitMillis: 0 });
    await clock.advance(20_000);
    expect(await continueAnswer(memory.stream, options)).toBeUndefined();
    expect(memory.bodies(/^end$/)).toEqual(['{"answer":"a1","reason":"stopped"}']);
    expect(await continueAnswer(memory.stream, options)).toBeUndefined();
    expect(memory.token).toBe("");
  });
});
