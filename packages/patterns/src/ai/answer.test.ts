import { createFakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { MemoryConversation, unreachable } from "../../test/memory-conversation.js";
import { answerChunks, chunk, feed, readEvents, textOf } from "../../test/ui-chunks.js";
import { LeaseHeldError } from "../lease/index.js";
import { type AnswerOptions, startAnswer } from "./index.js";

const NOW = 1_750_000_000_000;

function setUp() {
  const clock = createFakeClock(NOW);
  const memory = new MemoryConversation(clock);
  const errors: unknown[] = [];
  const options: AnswerOptions = {
    ...{ clock, ttlMillis: 9000, clockSkewMillis: 1000, id: "a1" },
    onError: (error) => errors.push(error),
  };
  const start = (more: AnswerOptions = {}) => startAnswer(memory.stream, { ...options, ...more });
  const stored = () => memory.bodies(/^c\./);
  const ends = () => memory.bodies(/^end$/).map((body) => JSON.parse(body));
  return { clock, memory, errors, options, start, stored, ends };
}

/** What the AI SDK gives to `consumeSseStream`. */
const sseOf = (chunks: readonly object[]) =>
  new ReadableStream<string>({
    start(controller) {
      for (const each of chunks) controller.enqueue(`data: ${JSON.stringify(each)}\n\n`);
      controller.enqueue("data: [DONE]\n\n");
      controller.close();
    },
  });

const WORDS = ["Once ", "upon ", "a ", "time"];

describe("an answer", () => {
  it("is stored as it is sent, between its beginning and its end, and gives its stream back", async () => {
    const { clock, memory, start, stored, ends } = setUp();
    const answer = await start({ messages: [{ id: "m1", role: "user" }] });
    const events = readEvents(answer.respond(feedOf(answerChunks(WORDS))));
    await clock.advance(1000);
    expect(await answer.done).toEqual({ answer: "a1", reason: "finished", isStored: true });
    expect(await events.finished).toBe("ended");
    expect(events.data).toEqual([...stored(), "[DONE]"]);
    expect(textOf(stored())).toBe("Once upon a time");
    expect(memory.bodies(/^message$/)).toEqual(['{"id":"m1","role":"user"}']);
    expect(ends()).toEqual([{ answer: "a1", reason: "finished" }]);
    expect([memory.token, memory.open.size, clock.pending, answer.signal.aborted]).toEqual([
      "",
      0,
      [],
      false,
    ]);
  });

  it("has a message of the same id for every reader", async () => {
    const { clock, start, stored } = setUp();
    const answer = await start();
    void answer.persist(feedOf(answerChunks(WORDS)));
    await clock.advance(1000);
    expect(JSON.parse(stored()[0] as string)).toEqual({ type: "start", messageId: "a1" });
  });

  it("is stored by the AI SDK's hook, too", async () => {
    const { clock, start, stored, ends } = setUp();
    const answer = await start();
    const chunks = answerChunks(WORDS).map((each) =>
      each.type === "start" ? { ...each, messageId: "of the SDK" } : each,
    );
    const consumed = answer.consumeSseStream({ stream: sseOf(chunks) });
    await clock.advance(1000);
    await consumed;
    expect(stored().map((json) => JSON.parse(json))).toEqual(chunks);
    expect(ends()).toHaveLength(1);
  });

  it("is stored by a result of streamText, and by an async iterable", async () => {
    for (const source of [
      { toUIMessageStream: () => feedOf(answerChunks(WORDS)) },
      (async function* () {
        yield* answerChunks(WORDS);
      })(),
    ]) {
      const { clock, start, stored } = setUp();
      const answer = await start();
      void answer.persist(source);
      await clock.advance(1000);
      expect(textOf(stored())).toBe("Once upon a time");
    }
  });

  it("takes its chunks once, and from nothing else than it says", async () => {
    const { start } = setUp();
    const answer = await start();
    expect(() => answer.respond("text" as never)).toThrow("an answer must be a stream");
    void answer.persist(feed().stream);
    await expect(answer.persist(feed().stream)).rejects.toThrow("must be given its chunks once");
  });

  it("goes on when the browser has gone away", async () => {
    const { clock, start, stored, ends } = setUp();
    const answer = await start();
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give(...answerChunks(WORDS).slice(0, 4));
    await clock.advance(100);
    await events.cancel();
    source.give(...answerChunks(WORDS).slice(4));
    source.end();
    await clock.advance(1000);
    expect(textOf(stored())).toBe("Once upon a time");
    expect(ends()).toEqual([{ answer: "a1", reason: "finished" }]);
    expect([answer.signal.aborted, source.cancelledWith]).toEqual([false, []]);
  });

  it("loses nothing to a slow store, and the browser does not wait for it", async () => {
    const { clock, memory, start, stored } = setUp();
    const answer = await start();
    memory.gate = () => new Promise((resolve) => clock.timer(700, resolve, true));
    const words = Array.from({ length: 2000 }, (_, index) => `${index} `);
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give(...answerChunks(words));
    source.end();
    for (let turn = 0; turn < 100; turn += 1) await flushMicrotasks();
    expect(textOf(events.data) === words.join("")).toBe(true);
    expect(stored().length).toBe(0);
    await clock.runUntilIdle();
    expect(await answer.done).toMatchObject({ isStored: true });
    expect(textOf(stored()) === words.join("")).toBe(true);
  });

  it("goes on without a store that fails, and says so", async () => {
    const { clock, memory, errors, start } = setUp();
    const answer = await start();
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give(...answerChunks(WORDS).slice(0, 4));
    await clock.advance(100);
    memory.failure = unreachable;
    source.give(...answerChunks(WORDS).slice(4));
    source.end();
    await clock.advance(1000);
    expect(await answer.done).toEqual({
      ...{ answer: "a1", reason: "finished", isStored: false },
      error: unreachable,
    });
    expect(errors).toEqual([unreachable]);
    expect(textOf(events.data.slice(0, -1))).toBe("Once upon a time");
    expect([answer.signal.aborted, memory.open.size, clock.pending]).toEqual([false, 0, []]);
  });

  it("fails with its store by choice", async () => {
    const { clock, memory, errors, start } = setUp();
    const answer = await start({ onStoreFailure: "fail", errorText: () => "Try again." });
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give(...answerChunks(WORDS).slice(0, 4));
    await clock.advance(100);
    memory.failure = unreachable;
    source.give(...answerChunks(WORDS).slice(4, 6));
    await clock.advance(1000);
    expect(await answer.done).toMatchObject({ reason: "failed", isStored: false });
    expect(errors).toEqual([unreachable]);
    expect(answer.signal.aborted).toBe(true);
    expect(source.cancelledWith).toHaveLength(1);
    expect(events.data.slice(-2)).toEqual(['{"type":"error","errorText":"Try again."}', "[DONE]"]);
  });

  it("says that it is not stored by choice when only its last tokens are not", async () => {
    const { clock, memory, start } = setUp();
    const answer = await start({ onStoreFailure: "fail" });
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    await clock.advance(100);
    memory.failure = unreachable;
    source.give(...answerChunks(WORDS));
    source.end();
    await clock.advance(1000);
    expect(events.data.slice(-2)).toEqual(['{"type":"error","errorText":"An error occurred."}', "[DONE]"]);
  });

  it.each(["a renewal", "its end"])(
    "is stored whole when the acknowledgement of %s is lost",
    async (what) => {
      const { clock, memory, errors, start, stored, ends } = setUp();
      const answer = await start();
      const source = feed();
      void answer.persist(source.stream);
      source.give(...answerChunks(WORDS).slice(0, 5));
      // What lands is sent again, with the token of before.
      memory.losesAckOf = what === "its end" ? /^$/ : /^L/;
      await clock.advance(3100);
      source.give(...answerChunks(WORDS).slice(5));
      source.end();
      await clock.advance(2000);
      expect(await answer.done).toEqual({ answer: "a1", reason: "finished", isStored: true });
      expect([memory.lostAcks, errors, ends()]).toEqual([1, [], [{ answer: "a1", reason: "finished" }]]);
      expect(textOf(stored())).toBe("Once upon a time");
      expect([memory.token, clock.pending, memory.open.size]).toEqual(["", [], 0]);
    },
  );

  it("ends, whatever its callbacks throw", async () => {
    const { clock, memory, start } = setUp();
    const fail = (): never => {
      throw new Error("in the callback");
    };
    const answer = await start({ onError: fail, errorText: fail });
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    memory.failure = unreachable;
    source.give({ type: "start" });
    source.fail(new Error("overloaded"));
    await clock.advance(2000);
    expect(await answer.done).toMatchObject({ reason: "failed", isStored: false });
    expect(events.data.at(-2)).toBe('{"type":"error","errorText":"An error occurred."}');
  });

  it("that fails says so to the browser and to readers", async () => {
    const { clock, start, stored, ends } = setUp();
    const answer = await start({ errorText: (error) => `Sorry: ${(error as Error).message}` });
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give(...answerChunks(WORDS).slice(0, 5));
    await clock.advance(100);
    source.fail(new Error("overloaded"));
    await clock.advance(1000);
    const told = '{"type":"error","errorText":"Sorry: overloaded"}';
    expect([events.data.slice(-2), stored().slice(-1)]).toEqual([[told, "[DONE]"], [told]]);
    expect(ends()).toEqual([{ answer: "a1", reason: "failed" }]);
  });

  it("that never gets chunks ends when it is disposed of", async () => {
    const { memory, start, ends } = setUp();
    {
      await using answer = await start();
      expect(answer.id).toBe("a1");
    }
    expect([ends(), memory.token]).toEqual([[{ answer: "a1", reason: "failed" }], ""]);
  });

  it("can be resumed from when it has begun", async () => {
    const { memory, start } = setUp();
    await start();
    expect(memory.bodies(/^begin$/)).toEqual([`{"answer":"a1","expiresAt":${NOW + 9000}}`]);
  });

  it("gives its stream back when its beginning cannot be stored", async () => {
    const { memory, start } = setUp();
    const failing = start({ messages: [{ id: "m1", role: "user" }] });
    memory.gate = async () => {
      if (memory.token !== "" && memory.records.length === 1) memory.failure = unreachable;
    };
    await expect(failing).rejects.toBe(unreachable);
    expect(memory.open.size).toBe(0);
  });

  it("keeps its process alive until it is stored", async () => {
    const { start } = setUp();
    const kept: Promise<unknown>[] = [];
    const answer = await start({ waitUntil: (work) => kept.push(work) });
    expect(kept).toEqual([answer.done]);
  });

  it.each([
    [{ whenActive: "wait" }, 'whenActive must be "refuse" or "takeOver"; got "wait"'],
    [{ onStoreFailure: "ignore" }, 'onStoreFailure must be "continue" or "fail"'],
    [{ lingerMillis: -1 }, "lingerMillis must be between 0 and"],
    [{ stopGraceMillis: Number.NaN }, "stopGraceMillis must be between 0 and"],
    [{ ttlMillis: 0 }, "ttlMillis must be between 1 and"],
    [{ id: "" }, "id must be a text of 1 to 256 characters"],
    [{ dropFrom: "" }, "dropFrom must be a text"],
    [{ owner: "x".repeat(17) }, "owner must be text of at most 16 bytes"],
  ])("refuses %j", async (options, message) => {
    const { memory, start } = setUp();
    await expect(start(options as AnswerOptions)).rejects.toThrow(message);
    expect(memory.appends).toEqual([]);
  });
});

describe("a second producer", () => {
  it("is refused while the first is at work, also long after", async () => {
    const { clock, memory, start } = setUp();
    const first = await start();
    void first.persist(feed().stream);
    await clock.advance(100_000);
    const second = start({ id: "a2" });
    second.catch(() => {});
    await clock.advance(1000);
    await expect(second).rejects.toThrow(LeaseHeldError);
    expect(memory.bodies(/^begin$/)).toHaveLength(1);
  });

  it("gets its turn when the first is just ending", async () => {
    const { clock, start, ends } = setUp();
    const first = await start();
    const source = feed();
    void first.persist(source.stream);
    const second = start({ id: "a2" });
    await clock.advance(150);
    source.end();
    await clock.advance(150);
    expect((await second).id).toBe("a2");
    expect(ends()).toEqual([{ answer: "a1", reason: "finished" }]);
  });

  it("takes over by choice: the first can append nothing more, and its model call ends", async () => {
    const { clock, memory, errors, start, ends } = setUp();
    const first = await start();
    const source = feed();
    const events = readEvents(first.respond(source.stream));
    source.give(...answerChunks(WORDS).slice(0, 4));
    await clock.advance(100);
    const second = await start({ id: "a2", whenActive: "takeOver" });
    // Whether or not its model says anything more.
    await clock.advance(100);
    expect(first.signal.aborted).toBe(true);
    expect(source.cancelledWith).toHaveLength(1);
    expect(await first.done).toEqual({ answer: "a1", reason: "replaced", isStored: false });
    expect(await events.finished).toBe("ended");
    expect(events.data.slice(-2)).toEqual(['{"type":"abort"}', "[DONE]"]);
    void second.persist(feedOf(answerChunks(["other"])));
    await clock.advance(1000);
    expect(ends()).toEqual([
      { answer: "a1", reason: "replaced" },
      { answer: "a2", reason: "finished" },
    ]);
    const kinds = memory.records.map(({ headers }) => headers._ai?.replace(/^(c\.[^.]+).*/, "$1"));
    expect([...new Set(kinds.filter((kind) => kind?.startsWith("c.")))]).toHaveLength(2);
    expect(kinds.lastIndexOf(kinds.find((kind) => kind?.startsWith("c.")))).toBeLessThan(
      kinds.lastIndexOf("begin"),
    );
    expect([errors, memory.open.size, clock.pending]).toEqual([[], 0, []]);
  });

  it("ends what a producer has left behind that has gone", async () => {
    const { clock, memory, start, ends } = setUp();
    const dead = await start({ clock: createFakeClock(NOW) });
    void dead.persist(feed().stream);
    await clock.advance(9999);
    const early = start({ id: "a2" });
    early.catch(() => {});
    await clock.advance(400);
    expect((await early).id).toBe("a2");
    expect(ends()).toEqual([{ answer: "a1", reason: "lost" }]);
    expect(memory.bodies(/^begin$/)).toHaveLength(2);
  });
});

function feedOf(chunks: readonly { readonly type: string }[]) {
  const source = feed();
  source.give(...chunks.map((each) => chunk({ ...each })));
  source.end();
  return source.stream;
}
