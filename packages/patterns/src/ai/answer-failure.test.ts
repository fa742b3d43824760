import { FencingTokenMismatchError } from "@s2-dev/streamstore-core";
import { flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { CHUNKS, createAnswerRig, fedWith, WORDS } from "../../test/answer-rig.js";
import { answerChunks, chunk, feed, readEvents, textOf } from "../../test/ui-chunks.js";
import { startAnswer, type UiChunk } from "./index.js";

const MIB = 1024 * 1024;

const sseOf = (...texts: string[]) =>
  new ReadableStream<string>({
    start(controller) {
      for (const text of texts) controller.enqueue(text);
      controller.close();
    },
  });

describe("a source that fails", () => {
  it("is told to the program with its own error, and by `done`", async () => {
    const { clock, errors, begin, ends } = createAnswerRig();
    const { answer, source } = await begin(4);
    const overloaded = new Error("overloaded");
    source.fail(overloaded);
    await clock.advance(1000);
    expect(errors).toMatchObject([
      { message: "The source of the answer has failed: overloaded", cause: overloaded },
    ]);
    expect(await answer.done).toEqual({ answer: "a1", reason: "failed", isStored: true, error: errors[0] });
    expect(ends()).toEqual([{ answer: "a1", reason: "failed" }]);
  });

  it("has not failed when it was asked to end", async () => {
    const leaving = new AbortController();
    const { clock, errors, begin } = createAnswerRig();
    const { answer, source } = await begin(4, { signal: leaving.signal });
    leaving.abort();
    source.fail(new DOMException("aborted", "AbortError"));
    await clock.advance(1000);
    expect([await answer.done, errors]).toEqual([{ answer: "a1", reason: "stopped", isStored: true }, []]);
  });

  it("behind its own `finish` is told of as well, to the browser and to whoever comes later", async () => {
    const { clock, memory, options, ends, follow } = createAnswerRig();
    const answer = await startAnswer(memory.stream, options);
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give(...CHUNKS);
    await clock.advance(50);
    const late = await follow();
    source.fail(new Error("the second half is missing"));
    await clock.advance(1000);
    const told = ['{"type":"finish"}', '{"type":"error","errorText":"An error occurred."}', "[DONE]"];
    expect([events.data.slice(-3), late.data.slice(-3)]).toEqual([told, told]);
    expect(ends()).toEqual([{ answer: "a1", reason: "failed" }]);
  });

  it("behind a `finish` is told of where only the record of its end says so", async () => {
    const { clock, memory, begin, follow } = createAnswerRig();
    await begin(CHUNKS.length);
    const events = await follow();
    await memory.append({ headers: [["_ai", "end"]], body: '{"answer":"a1","reason":"failed"}' });
    await clock.advance(10);
    expect(events.data.slice(-2)).toEqual([
      '{"type":"error","errorText":"The answer was interrupted."}',
      "[DONE]",
    ]);
  });

  it("is noticed by what it says: an answer with an error in it is recorded as failed", async () => {
    const { clock, memory, options, ends } = createAnswerRig();
    const answer = await startAnswer(memory.stream, options);
    void answer.persist(
      fedWith([...CHUNKS.slice(0, 4), chunk({ type: "error", errorText: "overloaded" }), { type: "finish" }]),
    );
    await clock.advance(1000);
    expect([(await answer.done).reason, ends()]).toEqual(["failed", [{ answer: "a1", reason: "failed" }]]);
  });

  it.each([
    ["text, as of `textStream`", "Once upon"],
    ["nothing", null],
    ["an object without a type", { text: "Once" }],
  ])("gives %s instead of chunks, and the program is told", async (_, given) => {
    const { clock, memory, options, errors, ends } = createAnswerRig();
    const answer = await startAnswer(memory.stream, options);
    const events = readEvents(
      answer.respond(
        (async function* () {
          yield given as unknown as UiChunk;
        })(),
      ),
    );
    await clock.advance(1000);
    expect(errors).toMatchObject([
      { code: "INVALID_ARGUMENT", message: expect.stringContaining("a chunk of an answer") },
    ]);
    expect([events.data.at(-1), ends()]).toEqual(["[DONE]", [{ answer: "a1", reason: "failed" }]]);
  });

  it("sends what is no JSON to the hook, and nothing of that is stored", async () => {
    const { clock, memory, options, errors, ends } = createAnswerRig();
    const answer = await startAnswer(memory.stream, options);
    const consumed = answer.consumeSseStream({ stream: sseOf('data: {"type":"start"}\n\ndata: {"ty\n\n') });
    await clock.advance(1000);
    await consumed;
    expect(memory.bodies(/^c\./)).toEqual([
      '{"type":"start","messageId":"a1"}',
      '{"type":"error","errorText":"An error occurred."}',
    ]);
    expect([errors.length, ends()]).toEqual([1, [{ answer: "a1", reason: "failed" }]]);
  });
});

describe("a hook that is called twice", () => {
  it("rejects for whoever waits, ends nothing else, and leaves no half of a stream to fill the memory", async () => {
    const { clock, memory, options, errors, ends } = createAnswerRig();
    const answer = await startAnswer(memory.stream, options);
    void answer.consumeSseStream({
      stream: sseOf(...CHUNKS.map((each) => `data: ${JSON.stringify(each)}\n\n`)),
    });
    let isCancelled = false;
    const second = new ReadableStream<string>({
      cancel() {
        isCancelled = true;
      },
    });
    // As the AI SDK calls it: without waiting. A rejection that nobody handles would fail this run.
    void answer.consumeSseStream({ stream: second });
    await clock.advance(1000);
    expect(isCancelled).toBe(true);
    expect(errors).toMatchObject([{ code: "INVALID_ARGUMENT" }]);
    expect([textOf(memory.bodies(/^c\./)), ends().length]).toEqual(["Once upon a time", 1]);
    await expect(answer.consumeSseStream({ stream: sseOf() })).rejects.toThrow("its chunks once");
  });
});

describe("what keeps the process alive", () => {
  it("is called as it is given, and does not spoil the answer by what it throws", async () => {
    const { clock, memory, options, errors, ends } = createAnswerRig();
    class Context {
      readonly kept: Promise<unknown>[] = [];
      readonly clock = clock;
      readonly onError = options.onError;
      readonly id = "a1";
      waitUntil(work: Promise<unknown>): void {
        this.kept.push(work);
      }
    }
    const context = new Context();
    const answer = await startAnswer(memory.stream, context);
    expect(context.kept).toEqual([answer.done]);
    await answer[Symbol.asyncDispose]();
    const { waitUntil } = context;
    const second = await startAnswer(memory.stream, { ...options, id: "a2", waitUntil });
    void second.persist(fedWith(answerChunks(WORDS)));
    await clock.advance(1000);
    expect(errors).toMatchObject([{ message: expect.stringContaining("waitUntil has failed: ") }]);
    expect(ends()).toEqual([
      { answer: "a1", reason: "failed" },
      { answer: "a2", reason: "finished" },
    ]);
  });
});

it("an answer that is refused again and again for a token of its own lease was not replaced: its store has failed", async () => {
  const { clock, memory, errors, begin } = createAnswerRig();
  const { answer, source } = await begin(4);
  memory.losesAckOf = /^L/;
  const refused = () =>
    Promise.reject(new FencingTokenMismatchError({ expectedFencingToken: memory.token, sideEffect: "none" }));
  const refusing = { submit: refused, close: async () => {}, failureCause: () => undefined };
  memory.appendSession = (async () => refusing) as unknown as typeof memory.appendSession;
  await clock.advance(3100);
  source.give(...CHUNKS.slice(4));
  source.end();
  await clock.advance(2000);
  expect(await answer.done).toMatchObject({ reason: "finished", isStored: false });
  expect(errors).toMatchObject([{ name: "FencingTokenMismatchError" }]);
  expect(memory.lostAcks).toBe(1);
});

describe("what waits in memory", () => {
  const large = (size: number) => chunk({ type: "data-large", data: "x".repeat(size) });

  it("for a store that hangs is bounded: then it counts as failed, and the answer goes on", async () => {
    const { clock, memory, options, errors } = createAnswerRig();
    const answer = await startAnswer(memory.stream, { ...options, maxBufferBytes: MIB });
    memory.gate = () => new Promise(() => {});
    const source = feed();
    const events = readEvents(answer.respond(source.stream));
    source.give({ type: "start" }, large(600_000));
    await clock.advance(100);
    expect(errors).toEqual([]);
    source.give(large(600_000));
    await clock.advance(100);
    expect(errors).toMatchObject([
      { code: "BUFFER_LIMIT", message: "More than 1048576 bytes of the answer wait for the store" },
    ]);
    source.end();
    await clock.advance(2000);
    expect(events.data).toHaveLength(4);
    expect(await answer.done).toMatchObject({
      reason: "finished",
      isStored: false,
      error: { code: "BUFFER_LIMIT" },
    });
  });

  it("for a browser that takes nothing is bounded: its response breaks off, and the answer goes on", async () => {
    const { clock, memory, options, errors, ends } = createAnswerRig();
    const answer = await startAnswer(memory.stream, { ...options, maxBufferBytes: MIB });
    const source = feed();
    const response = answer.respond(source.stream);
    source.give({ type: "start" });
    for (let count = 0; count < 3; count += 1) {
      source.give(large(600_000));
      await clock.advance(100);
    }
    source.give({ type: "finish" });
    source.end();
    await clock.advance(1000);
    await expect(response.text()).rejects.toMatchObject({ code: "BUFFER_LIMIT" });
    expect([ends(), errors]).toEqual([[{ answer: "a1", reason: "finished" }], []]);
    expect(memory.bodies(/^c\./).join("").length).toBeGreaterThan(1_800_000);
  });

  it("of the hook's text is bounded, too", async () => {
    const { clock, memory, options, errors } = createAnswerRig();
    const answer = await startAnswer(memory.stream, { ...options, maxBufferBytes: MIB });
    void answer.consumeSseStream({ stream: sseOf("data: ", "x".repeat(MIB), "y") });
    await clock.advance(1000);
    await flushMicrotasks();
    expect(errors).toMatchObject([{ message: expect.stringContaining("longer than 1048576 characters") }]);
    expect((await answer.done).reason).toBe("failed");
  });
});
