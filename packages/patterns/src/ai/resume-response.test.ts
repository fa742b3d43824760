import { S2Error } from "@s2-dev/streamstore-core";
import { flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { CHUNKS, createAnswerRig as setUp } from "../../test/answer-rig.js";
import { unreachable } from "../../test/memory-conversation.js";
import { readEvents, textOf } from "../../test/ui-chunks.js";
import { createCursor } from "../cursor/index.js";
import { compactConversation, type ResumeOptions, resumeResponse } from "./index.js";

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
