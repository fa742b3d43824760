import { S2Error } from "@s2-dev/streamstore-core";
import { createFakeClock, type FakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { CHUNKS, dying, fedWith, createAnswerRig as setUp, WORDS } from "../../test/answer-rig.js";
import { unreachable } from "../../test/memory-conversation.js";
import { answerChunks, feed, readEvents, textOf } from "../../test/ui-chunks.js";
import { createCursor } from "../cursor/index.js";
import {
  compactConversation,
  continueAnswer,
  findAnswer,
  type ResumeOptions,
  resumeResponse,
  stopAnswer,
} from "./index.js";

describe("a page that comes back", () => {
  it("gets what was written, goes on live, and sees the end", async () => {
    const { clock, memory, begin, follow } = setUp();
    const { source } = await begin(5);
    const events = await follow();
    expect(textOf(events.data)).toBe("Once upon ");
    source.give(...CHUNKS.slice(5));
    source.end();
    await clock.advance(1000);
    expect(await events.finished).toBe("ended");
    expect(events.data).toEqual([...memory.bodies(/^c\./), "[DONE]"]);
    expect([memory.open.size, clock.pending]).toEqual([0, []]);
  });

  it("is told by 204 that nothing is active", async () => {
    const { clock, memory, begin, resume } = setUp();
    expect((await resume()).response.status).toBe(204);
    const { source } = await begin(7);
    source.give(...CHUNKS.slice(7));
    source.end();
    await clock.advance(1000);
    expect((await resume()).response.status).toBe(204);
    const missing = Object.assign(Object.create(memory.stream), {
      readSession: () => Promise.reject(Object.assign(unreachable, { code: "CONNECTION_LOST" })),
    });
    const request = new Request("http://chat/");
    expect((await resumeResponse(request, missing, { clock })).status).toBe(503);
  });

  it("gets only what it lacks with the id of the last event that it has seen", async () => {
    const { clock, memory, begin, follow, resume } = setUp();
    const { source } = await begin(6);
    const first = await follow();
    const seen = first.data.slice(0, 4);
    const second = await follow({}, { "last-event-id": first.ids[3] as string });
    const third = await follow({ cursor: first.ids[3] as string });
    source.give(...CHUNKS.slice(6));
    source.end();
    await clock.advance(1000);
    expect([...seen, ...second.data]).toEqual([...memory.bodies(/^c\./), "[DONE]"]);
    expect(third.data).toEqual(second.data);
    // Also when the answer has ended meanwhile; and whoever has seen its end is told that there is nothing more.
    const late = await follow({}, { "last-event-id": first.ids[3] as string });
    expect(late.data).toEqual(second.data);
    const end = { "last-event-id": first.ids.at(-1) as string };
    expect((await resume({}, end)).response.status).toBe(204);
  });

  describe("with a plain cursor", () => {
    const ended = async () => {
      const rig = setUp();
      const { source } = await rig.begin(7);
      source.give(...CHUNKS.slice(7));
      source.end();
      await rig.clock.advance(1000);
      const cursorAt = (seqNum: number) => String(createCursor(rig.memory, seqNum));
      return { ...rig, cursorAt };
    };

    it("from before the present answer began gets all of it, live to its end", async () => {
      const { clock, memory, begin, follow, cursorAt } = await ended();
      const cursor = cursorAt(memory.tail);
      const messages = [{ id: "m2", role: "user" }];
      const { source } = await begin(4, { id: "a2", messages });
      const events = await follow({ cursor });
      source.give(...CHUNKS.slice(4));
      source.end();
      await clock.advance(1000);
      const stored = memory.bodies(/^c\./).slice(CHUNKS.length);
      expect([events.data, await events.finished]).toEqual([[...stored, "[DONE]"], "ended"]);
    });

    it("from behind the last chunk of the answer before gets the present one, too", async () => {
      const { memory, begin, follow, cursorAt } = await ended();
      const end = memory.records.findIndex(({ headers }) => headers._ai === "end");
      await begin(5, { id: "a2" });
      expect(textOf((await follow({ cursor: cursorAt(end) })).data)).toBe("Once upon ");
    });

    it("from where an earlier answer began gets that one, though another is under way", async () => {
      const { memory, begin, follow, cursorAt } = await ended();
      const began = memory.records.findIndex(({ headers }) => headers._ai === "begin");
      await begin(5, { id: "a2" });
      const events = await follow({ cursor: cursorAt(began) });
      expect(events.data).toEqual([...memory.bodies(/^c\./).slice(0, CHUNKS.length), "[DONE]"]);
    });

    it("of the end of an answer gets the one that has begun since, and nothing before there is one", async () => {
      const rig = setUp();
      const { source } = await rig.begin(5);
      const events = await rig.follow();
      source.give(...CHUNKS.slice(5));
      source.end();
      await rig.clock.advance(1000);
      const cursor = events.ids.at(-1) as string;
      expect((await rig.resume({ cursor })).response.status).toBe(204);
      await rig.begin(5, { id: "a2" });
      expect(textOf((await rig.follow({ cursor })).data)).toBe("Once upon ");
      // Whoever comes back by itself with the id of the end is to stay away.
      expect((await rig.resume({}, { "last-event-id": cursor })).response.status).toBe(204);
    });

    it("is told by 204 where there is nothing of an answer behind it, and no such stream", async () => {
      const { clock, memory, resume, cursorAt } = await ended();
      const cursor = cursorAt(memory.tail);
      await memory.append({ body: "something else" });
      expect((await resume({ cursor })).response.status).toBe(204);
      const gone = () => Promise.reject(new S2Error({ message: "no such stream", code: "stream_not_found" }));
      const missing = Object.assign(Object.create(memory.stream), { readSession: gone, read: gone });
      const response = await resumeResponse(new Request("http://chat/"), missing, { clock, cursor });
      expect(response.status).toBe(204);
    });
  });

  it("is not told that an answer is finished whose read ends without its end: the response breaks off", async () => {
    const { memory, begin, follow } = setUp();
    await begin(5);
    const errors: unknown[] = [];
    const events = await follow({ onError: (error) => errors.push(error) });
    memory.breakReads();
    expect(await events.finished).toBe("broken");
    expect([textOf(events.data), errors]).toMatchObject(["Once upon ", [{ retryable: true }]]);
  });

  it("is refused with a position of another stream, or none at all", async () => {
    const { begin, resume, memory } = setUp();
    await begin(6);
    const other = { "last-event-id": String(createCursor({ basin: "all-chats", name: "another" }, 3)) };
    const { response } = await resume({}, other);
    expect([response.status, (await response.json()).code]).toEqual([400, "CURSOR_MISMATCH"]);
    expect((await resume({ cursor: "nonsense" })).response.status).toBe(400);
    expect(memory.open.size).toBe(1);
  });

  it("gets no body by HEAD, and no read session is left", async () => {
    const { clock, memory, begin } = setUp();
    await begin(5);
    const request = new Request("http://chat/", { method: "HEAD" });
    const response = await resumeResponse(request, memory.stream, { clock });
    expect([response.status, response.body, response.headers.get("content-type")]).toEqual([
      200,
      null,
      "text/event-stream",
    ]);
    expect(memory.open.size).toBe(1);
  });

  it("comes with a request of web standards, and not with that of another kind of server", async () => {
    const { memory, begin } = setUp();
    await begin(5);
    const { length } = memory.reads;
    await expect(resumeResponse({ headers: {} } as never, memory.stream)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "request must be a Request of web standards; got an object",
    });
    await expect(
      resumeResponse(new Request("http://chat/"), memory.stream, { onError: 1 as never }),
    ).rejects.toThrow("onError must be a function; got 1");
    expect(memory.reads).toHaveLength(length);
  });

  it("leaves nothing behind when its read fails, though `onError` throws", async () => {
    const { clock, memory, begin, follow } = setUp();
    await begin(5);
    const heartbeatMillis = 4321;
    const events = await follow({
      heartbeatMillis,
      onError: () => {
        throw new Error("the log is full");
      },
    });
    const due = clock.now() + heartbeatMillis;
    expect(clock.pending.map(({ dueAt }) => dueAt)).toContain(due);
    memory.breakReads(unreachable);
    expect(await events.finished).toBe("broken");
    expect(clock.pending.map(({ dueAt }) => dueAt)).not.toContain(due);
  });

  it("is one of many, each with all of it", async () => {
    const { clock, memory, begin, follow } = setUp();
    const { source } = await begin(4);
    const readers = [];
    for (let count = 0; count < 20; count += 1) {
      readers.push(await follow());
      source.give(...CHUNKS.slice(4 + count, 5 + count));
      await clock.advance(10);
    }
    source.end();
    await clock.advance(1000);
    for (const { data } of readers) expect(data).toEqual([...memory.bodies(/^c\./), "[DONE]"]);
    expect(memory.open.size).toBe(0);
  });

  it("sees no token twice that a retry has stored twice", async () => {
    const { clock, memory, begin, follow } = setUp();
    memory.repeats = true;
    const { source } = await begin(5);
    const events = await follow();
    for (const each of CHUNKS.slice(5)) {
      source.give(each);
      await clock.advance(30);
    }
    source.end();
    await clock.advance(1000);
    expect(memory.bodies(/^c\./).length).toBeGreaterThan(CHUNKS.length);
    expect(events.data.slice(0, -1).map((json) => JSON.parse(json).type)).toEqual(
      CHUNKS.map(({ type }) => type),
    );
  });

  it("leaves nothing behind when it goes away, however it does", async () => {
    const { clock, memory, begin } = setUp();
    await begin(4);
    const leave = new AbortController();
    const request = new Request("http://chat/", { signal: leave.signal });
    const aborted = readEvents(await resumeResponse(request, memory.stream, { clock }));
    const cancelled = readEvents(await resumeResponse(new Request("http://chat/"), memory.stream, { clock }));
    const closing = new AbortController();
    const closed = readEvents(
      await resumeResponse(new Request("http://chat/"), memory.stream, { clock, signal: closing.signal }),
    );
    await flushMicrotasks();
    expect(memory.open.size).toBe(4);
    leave.abort();
    await cancelled.cancel();
    closing.abort();
    expect([await aborted.finished, await closed.finished]).toEqual(["ended", "ended"]);
    await flushMicrotasks();
    expect(memory.open.size).toBe(1);
  });

  it("is kept by comments while the model is silent", async () => {
    const { clock, begin, follow } = setUp();
    await begin(4);
    const events = await follow({ heartbeatMillis: 1000 });
    const before = events.comments;
    await clock.advance(5000);
    expect(events.comments - before).toBe(5);
  });

  it.each([
    [{ heartbeatMillis: 0 }, "heartbeatMillis must be between 1 and"],
    [{ clockSkewMillis: -1 }, "clockSkewMillis must be between 0 and"],
    [{ crashGraceMillis: -1 }, "crashGraceMillis must be between 0 and"],
    [{ onCrash: "ignore" }, 'onCrash must be "tell" or a function; got "ignore"'],
  ])("is not answered with %j", async (options, message) => {
    await expect(setUp().resume(options as ResumeOptions)).rejects.toThrow(message);
  });
});

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

describe("stopping", () => {
  it("reaches the producer wherever it runs, ends its model call, and everybody sees the end", async () => {
    const { clock, memory, begin, follow } = setUp();
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
    const { clock, memory, begin, follow } = setUp();
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
    const { clock, memory, begin } = setUp();
    expect(await stopAnswer(memory.stream, { clock })).toBeUndefined();
    const { answer } = await begin(5);
    const appends = memory.appends.length;
    expect(await stopAnswer(memory.stream, { clock, answer: "an older one" })).toBeUndefined();
    expect([memory.appends.length, answer.signal.aborted]).toEqual([appends, false]);
  });

  it("of an earlier answer leaves a later one alone", async () => {
    const { clock, memory, begin } = setUp();
    const { answer } = await begin(5);
    await memory.append({ headers: [["_ai", "stop"]], body: '{"answer":"an older one"}' });
    await clock.advance(5000);
    expect(answer.signal.aborted).toBe(false);
  });

  it("can be asked for by the producer's own process, too", async () => {
    const { clock, begin } = setUp();
    const controller = new AbortController();
    const { answer, source } = await begin(5, { signal: controller.signal });
    controller.abort();
    await clock.advance(1100);
    expect([(await answer.done).reason, source.cancelledWith.length]).toEqual(["stopped", 1]);
  });

  it("gives up waiting after a while", async () => {
    const { clock, memory, begin } = setUp();
    await begin(5, { stopGraceMillis: 100_000 });
    const stopping = stopAnswer(memory.stream, { clock, waitMillis: 2000 });
    await clock.advance(2000);
    expect(await stopping).toEqual({ answer: "a1", reason: "requested" });
    expect(memory.open.size).toBe(1);
  });
});

it("an answer that is compacted away is no longer there to be resumed", async () => {
  const { clock, memory, begin, follow, resume } = setUp();
  const { source } = await begin(5);
  const events = await follow();
  source.give(...CHUNKS.slice(5));
  source.end();
  await clock.advance(1000);
  const readUIMessageStream = async function* () {
    yield { id: "a1", role: "assistant" };
  };
  expect(await compactConversation(memory.stream, { readUIMessageStream }, { clock })).toMatchObject({
    messages: 1,
  });
  expect((await resume({}, { "last-event-id": events.ids[3] as string })).response.status).toBe(204);
});
