import { flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { createAnswerRig, fedWith, WORDS } from "../../test/answer-rig.js";
import { unreachable } from "../../test/memory-conversation.js";
import { answerChunks, feed, readEvents, textOf } from "../../test/ui-chunks.js";
import {
  type AnswerResponseOptions,
  answerResponse,
  type Producing,
  startAnswer,
  stopAnswer,
} from "./index.js";

const circular: Record<string, unknown> = { id: "m1", role: "user" };
circular.self = circular;

const words = () => fedWith(answerChunks(WORDS));

function setUp() {
  const rig = createAnswerRig();
  const { memory, options } = rig;
  const answer = (
    produce: Parameters<typeof answerResponse>[1] = words,
    more: AnswerResponseOptions = {},
  ): Promise<Response> => answerResponse(memory.stream, produce, { ...options, ...more });
  const stored = () => memory.bodies(/^c\./);
  return { ...rig, answer, stored };
}

/** A response, once the clock has done what is due. */
async function arrived(
  response: Promise<Response>,
  clock: { advance(millis: number): Promise<void> },
  after = 1000,
) {
  let found: Response | undefined;
  void response.then((given) => {
    found = given;
  });
  await clock.advance(after);
  if (found === undefined) throw new Error(`no response after ${after} ms`);
  return found;
}

describe("one call that answers and stores", () => {
  it("takes a function that calls the model, not what that gives, and begins nothing otherwise", async () => {
    const { answer, memory } = setUp();
    await expect(answer(words() as never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "produce must be a function that calls the model; got an object",
    });
    expect(memory.appends).toEqual([]);
  });

  it("gives the response, and stores the same stream", async () => {
    const { clock, answer, stored } = setUp();
    const response = await answer(words, { response: { headers: { "x-own": "1" } } });
    const events = readEvents(response);
    await clock.advance(1000);
    await events.finished;
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ "content-type": "text/event-stream", "x-vercel-ai-ui-message-stream": "v1", "x-own": "1" },
    });
    expect(response.headers.get("x-answer-stored")).toBeNull();
    expect(events.data).toEqual([...stored(), "[DONE]"]);
  });

  it("answers 409 while another producer is at work", async () => {
    const { clock, memory, options, answer } = setUp();
    await startAnswer(memory.stream, options);
    const response = await arrived(answer(), clock);
    expect([response.status, await response.json()]).toMatchObject([409, { code: "LEASE_HELD" }]);
  });

  it("gives the stream back when the model cannot be called", async () => {
    const { memory, answer, ends } = setUp();
    const failing = answer(() => Promise.reject(new Error("no key")));
    await expect(failing).rejects.toThrow("no key");
    expect([ends(), memory.token]).toEqual([[{ answer: "a1", reason: "failed" }], ""]);
    const synchronous = answer(() => {
      throw new Error("no model");
    });
    await expect(synchronous).rejects.toThrow("no model");
    await expect(answer(() => undefined as never)).rejects.toThrow("an answer must be a stream");
    expect([ends().length, memory.token]).toEqual([3, ""]);
  });

  it.each([
    [{ beginMillis: 0 }, "beginMillis must be between 1 and"],
    [{ maxBufferBytes: 10 }, "maxBufferBytes must be between 1048576 and 33554432; got 10"],
    [{ onError: "log" }, "onError must be a function"],
    [{ waitUntil: {} }, "waitUntil must be a function; got an object"],
    [{ messages: "Hi" }, 'messages must be an array; got "Hi"'],
    [{ messages: [null] }, "messages[0] must be an object"],
    [{ messages: [{ id: "m1", role: "user" }, { role: "user" }] }, "messages[1].id must be a text"],
    [{ messages: [{ id: "m1" }] }, "messages[0].role must be text; got undefined"],
    [{ messages: [circular] }, "messages[0] must be something that JSON can hold"],
  ])("refuses %o before anything is sent", async (more, message) => {
    const { memory, answer } = setUp();
    await expect(answer(words, more as never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(message),
    });
    expect([memory.appends, memory.reads]).toEqual([[], []]);
  });
});

describe("a store that is not there", () => {
  it("keeps nobody from the answer: it comes within `beginMillis`, and says that it is not stored", async () => {
    const { clock, memory, errors, answer } = setUp();
    memory.gate = () => new Promise(() => {});
    const asked: Producing[] = [];
    const response = await arrived(
      answer(
        (producing) => {
          asked.push(producing);
          return words();
        },
        { beginMillis: 2000 },
      ),
      clock,
      2000,
    );
    const events = readEvents(response);
    await events.finished;
    expect([response.status, response.headers.get("x-answer-stored")]).toEqual([200, "false"]);
    expect(textOf(events.data.slice(0, -1))).toBe("Once upon a time");
    expect(JSON.parse(events.data[0] as string)).toEqual({ type: "start", messageId: "a1" });
    expect(asked).toMatchObject([{ answer: undefined }]);
    expect(errors).toMatchObject([
      { code: "REQUEST_TIMEOUT", message: "The answer could not begin within 2000 ms" },
    ]);
  });

  it("is waited for five seconds unless told otherwise", async () => {
    const { clock, memory, answer } = setUp();
    memory.gate = () => new Promise(() => {});
    await expect(arrived(answer(), clock, 4999)).rejects.toThrow("no response after 4999 ms");
    expect((await arrived(answer(), clock, 5000)).status).toBe(200);
  });

  it("fails the answer by choice, and the model is not called", async () => {
    const { clock, memory, errors, answer } = setUp();
    memory.gate = () => new Promise(() => {});
    let calls = 0;
    const produce = () => {
      calls += 1;
      return words();
    };
    const response = await arrived(answer(produce, { onStoreFailure: "fail", beginMillis: 500 }), clock, 500);
    expect([response.status, await response.json()]).toMatchObject([503, { code: "unavailable" }]);
    expect([calls, errors.length]).toEqual([0, 1]);
    memory.gate = () => Promise.resolve();
    memory.failure = unreachable;
    expect((await answer(produce, { onStoreFailure: "fail" })).status).toBe(503);
    expect(errors.at(-1)).toBe(unreachable);
  });

  it("is told to the program at once when it refuses", async () => {
    const { memory, errors, answer } = setUp();
    memory.failure = unreachable;
    const events = readEvents(await answer());
    await events.finished;
    expect(textOf(events.data.slice(0, -1))).toBe("Once upon a time");
    expect(errors).toEqual([unreachable]);
  });

  it("is cleared of a beginning that came too late, so that the next answer is not refused", async () => {
    const { clock, memory, answer, ends } = setUp();
    const kept: Promise<unknown>[] = [];
    memory.gate = () => new Promise((resolve) => clock.timer(1000, resolve, true));
    const response = await arrived(
      answer(words, { beginMillis: 1500, waitUntil: (work) => kept.push(work) }),
      clock,
      1500,
    );
    expect(response.headers.get("x-answer-stored")).toBe("false");
    expect(kept).toHaveLength(1);
    await clock.advance(5000);
    await Promise.all(kept);
    expect([ends(), memory.token, memory.open.size]).toEqual([[{ answer: "a1", reason: "failed" }], "", 0]);
    expect(clock.pending).toEqual([]);
  });

  it("does not hold back who asks to end the beginning", async () => {
    const { memory, answer } = setUp();
    memory.gate = () => new Promise(() => {});
    const leaving = new AbortController();
    const beginning = answer(words, { signal: leaving.signal });
    await flushMicrotasks();
    leaving.abort();
    await expect(beginning).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("leaves an answer that tells of a source which fails behind its own `finish`", async () => {
    const { memory, answer } = setUp();
    memory.failure = unreachable;
    const source = feed();
    const events = readEvents(await answer(() => source.stream));
    source.give(...answerChunks(WORDS));
    await flushMicrotasks();
    source.fail(new Error("the second half is missing"));
    await events.finished;
    expect(events.data.slice(-3)).toEqual([
      '{"type":"finish"}',
      '{"type":"error","errorText":"An error occurred."}',
      "[DONE]",
    ]);
  });

  it("leaves an answer that ends with its browser, and says how its source has failed", async () => {
    const { memory, errors, answer } = setUp();
    memory.failure = unreachable;
    const source = feed();
    let signal: AbortSignal | undefined;
    const gone = readEvents(
      await answer((producing) => {
        signal = producing.signal;
        return source.stream;
      }),
    );
    source.give({ type: "start" });
    await gone.cancel();
    await flushMicrotasks();
    expect([signal?.aborted, source.cancelledWith.length]).toEqual([true, 1]);
    const failing = feed();
    const events = readEvents(
      await answer(() => failing.stream, { errorText: (error) => `Sorry: ${(error as Error).message}` }),
    );
    failing.fail(new Error("overloaded"));
    await events.finished;
    expect(events.data).toEqual(['{"type":"error","errorText":"Sorry: overloaded"}', "[DONE]"]);
    expect(errors).toMatchObject([
      { code: "CONNECTION_LOST" },
      { code: "CONNECTION_LOST" },
      { message: "The source of the answer has failed: overloaded", cause: { message: "overloaded" } },
    ]);
  });
});

describe("a stop before the model has said anything", () => {
  const abortError = new DOMException("aborted", "AbortError");

  it("ends the answer as stopped, for its browser and for everybody", async () => {
    const { clock, memory, errors, answer, ends } = setUp();
    const answering = answer(
      ({ signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(abortError), { once: true }),
        ),
    );
    await flushMicrotasks();
    const stopping = stopAnswer(memory.stream, { clock });
    const events = readEvents(await arrived(answering, clock));
    await events.finished;
    expect(events.data).toEqual(['{"type":"abort"}', "[DONE]"]);
    expect(await stopping).toEqual({ answer: "a1", reason: "stopped" });
    expect([ends(), errors]).toEqual([[{ answer: "a1", reason: "stopped" }], []]);
    expect([memory.token, memory.open.size, clock.pending]).toEqual(["", 0, []]);
  });

  it("ends it also when the call does not hear its signal", async () => {
    const { clock, memory, answer, ends } = setUp();
    let give: (source: ReadableStream<never>) => void = () => {};
    const answering = answer(
      () =>
        new Promise((resolve) => {
          give = resolve;
        }),
      { stopGraceMillis: 300 },
    );
    await flushMicrotasks();
    const stopping = stopAnswer(memory.stream, { clock });
    const events = readEvents(await arrived(answering, clock));
    await events.finished;
    expect([await stopping, ends()]).toEqual([
      { answer: "a1", reason: "stopped" },
      [{ answer: "a1", reason: "stopped" }],
    ]);
    // What it gives after all is not left behind half read.
    let isCancelled = false;
    give(
      new ReadableStream<never>({
        cancel() {
          isCancelled = true;
        },
      }),
    );
    await flushMicrotasks();
    expect(isCancelled).toBe(true);
  });

  it("ends an answer that is disposed of, too", async () => {
    const { clock, memory, options, ends } = setUp();
    const answer = await startAnswer(memory.stream, options);
    await stopAnswer(memory.stream, { clock, waitMillis: 0 });
    await clock.advance(10);
    await answer[Symbol.asyncDispose]();
    expect([ends(), clock.pending]).toEqual([[{ answer: "a1", reason: "stopped" }], []]);
  });
});
