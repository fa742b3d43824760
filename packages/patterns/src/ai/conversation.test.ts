import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { MemoryConversation } from "../../test/memory-conversation.js";
import { answerChunks, feed, textOf } from "../../test/ui-chunks.js";
import {
  type AnswerOptions,
  compactConversation,
  readConversation,
  startAnswer,
  type UiChunk,
  type UiMessage,
} from "./index.js";

interface Message extends UiMessage {
  readonly text: string;
}

/** As that of the AI SDK: gives a message each time it has grown, and goes on with one that it is given. */
const reader = {
  async *readUIMessageStream(options: { stream: ReadableStream<UiChunk>; message?: Message }) {
    let { id = "", text = "" } = options.message ?? {};
    for await (const chunk of options.stream) {
      id = (chunk as { messageId?: string }).messageId ?? id;
      text += textOf([chunk]);
      yield { id, role: "assistant", text } as Message;
    }
  },
};

function setUp() {
  const clock = createFakeClock(1_750_000_000_000);
  const memory = new MemoryConversation(clock);
  const say = async (id: string, words: readonly string[], more: AnswerOptions = {}, isWhole = true) => {
    const answer = await startAnswer(memory.stream, { clock, id, ...more });
    const source = feed();
    void answer.persist(source.stream);
    source.give(...answerChunks(words).slice(0, isWhole ? undefined : 4));
    if (isWhole) source.end();
    await clock.advance(200);
    return source;
  };
  const ask = (id: string, text: string) => ({ messages: [{ id, role: "user", text }] });
  const read = () => readConversation(memory.stream, reader);
  const compact = () => compactConversation(memory.stream, reader, { clock });
  return { clock, memory, say, ask, read, compact };
}

const texts = (messages: readonly Message[]) =>
  messages.map(({ id, role, text }) => `${id} ${role}: ${text}`);

describe("a conversation", () => {
  it("is what was stored whole, and what its answers make", async () => {
    const { say, ask, read } = setUp();
    expect(await read()).toEqual({ messages: [], next: 0 });
    await say("a1", ["Hel", "lo"], ask("m1", "Hi"));
    await say("a2", ["Fi", "ne"], ask("m2", "How are you?"));
    const { messages, active, lastReason } = await read();
    expect(texts(messages)).toEqual([
      "m1 user: Hi",
      "a1 assistant: Hello",
      "m2 user: How are you?",
      "a2 assistant: Fine",
    ]);
    expect([active, lastReason]).toEqual([undefined, "finished"]);
  });

  it("holds each token once, whatever retries have stored twice", async () => {
    const { memory, say, ask, read } = setUp();
    memory.repeats = true;
    await say("a1", ["He", "l", "l", "o"], ask("m1", "Hi"));
    expect(memory.bodies(/^c/).length).toBeGreaterThan(9);
    expect(texts((await read()).messages)).toEqual(["m1 user: Hi", "a1 assistant: Hello"]);
  });

  it("keeps an answer apart that has not ended", async () => {
    const { say, ask, read } = setUp();
    await say("a1", ["Hel", "lo"], ask("m1", "Hi"), false);
    expect(await read()).toMatchObject({
      messages: [{ id: "m1" }],
      active: { answer: "a1", begin: 2, message: { id: "a1", text: "Hel" } },
    });
  });

  it("forgets what is taken back for an answer that is made anew", async () => {
    const { say, ask, read } = setUp();
    await say("a1", ["one"], ask("m1", "Hi"));
    await say("a2", ["two"], ask("m2", "And?"));
    await say("a3", ["three"], { dropFrom: "a2" });
    expect(texts((await read()).messages)).toEqual([
      "m1 user: Hi",
      "a1 assistant: one",
      "m2 user: And?",
      "a3 assistant: three",
    ]);
  });

  it("goes on in a message that an answer names, as after the approval of a tool", async () => {
    const { memory, clock, say, ask, read } = setUp();
    await say("a1", ["one "], ask("m1", "Hi"));
    const answer = await startAnswer(memory.stream, { clock, id: "a2" });
    const [, ...rest] = answerChunks(["two"]);
    const source = feed();
    source.give({ type: "start", messageId: "a1" } as UiChunk, ...rest);
    source.end();
    void answer.persist(source.stream);
    await clock.advance(200);
    expect(texts((await read()).messages)).toEqual(["m1 user: Hi", "a1 assistant: one two"]);
  });

  it("is empty where there is no stream", async () => {
    const missing = {
      readSession: () => Promise.reject(Object.assign(new Error(), { code: "stream_not_found" })),
    };
    expect((await readConversation(missing, reader)).messages).toEqual([]);
    const refused = {
      readSession: () => Promise.reject(Object.assign(new Error(), { code: "permission_denied" })),
    };
    await expect(readConversation(refused, reader)).rejects.toMatchObject({ code: "permission_denied" });
  });
});

describe("a conversation of programs of all kinds", () => {
  const sourceOf = (...chunks: UiChunk[]) => {
    const source = feed();
    source.give(...chunks);
    source.end();
    return source.stream;
  };
  const text = (delta: string): UiChunk => ({ type: "text-delta", id: "0", delta }) as UiChunk;

  it("keeps every answer whose source sends no start, each for itself", async () => {
    const { clock, memory, read } = setUp();
    for (const id of ["a1", "a2"]) {
      const answer = await startAnswer(memory.stream, { clock, id });
      void answer.persist(sourceOf(text(`from ${id}`)));
      await clock.advance(200);
    }
    expect(texts((await read()).messages)).toEqual(["a1 assistant: from a1", "a2 assistant: from a2"]);
    expect(memory.bodies(/^c\./).filter((json) => json.includes('"start"'))).toHaveLength(2);
  });

  it("keeps answers that were stored without a start, and messages without an id", async () => {
    const { memory, read } = setUp();
    const of = (kind: string, body: string) => memory.append({ headers: [["_ai", kind]], body });
    for (const answer of ["a1", "a2"]) {
      const begin = memory.tail;
      await of("begin", JSON.stringify({ answer, expiresAt: 0 }));
      await of(`c.${begin.toString(36)}.0`, JSON.stringify(text(`from ${answer}`)));
      await of("end", JSON.stringify({ answer, reason: "finished" }));
      await of("message", JSON.stringify({ role: "user", text: "nameless" }));
    }
    expect((await read()).messages.map(({ text }) => text)).toEqual([
      ...["from a1", "nameless", "from a2", "nameless"],
    ]);
  });

  it("keeps what comes before the start, in the same message", async () => {
    const { clock, memory, read } = setUp();
    const answer = await startAnswer(memory.stream, { clock, id: "a1" });
    const start = { type: "start", messageId: "named by the source" } as UiChunk;
    void answer.persist(sourceOf(text("data, "), start, text("text")));
    await clock.advance(200);
    expect(texts((await read()).messages)).toEqual(["a1 assistant: data, text"]);
    // Every reader, live or later, knows one message by one id.
    expect(
      memory.bodies(/^c\./).map((json) => (JSON.parse(json) as { messageId?: string }).messageId),
    ).toEqual([...["a1", undefined, undefined, undefined]]);
  });

  it("is named by the other response where that names it, also behind data", async () => {
    const { clock, memory, read } = setUp();
    const answer = await startAnswer(memory.stream, { clock, id: "a1" });
    const start = { type: "start", messageId: "named by the SDK" } as UiChunk;
    const stream = new ReadableStream<string>({
      start(controller) {
        for (const each of [text("data, "), start, text("text")])
          controller.enqueue(`data: ${JSON.stringify(each)}\n\n`);
        controller.close();
      },
    });
    void answer.consumeSseStream({ stream });
    await clock.advance(200);
    expect(texts((await read()).messages)).toEqual(["named by the SDK assistant: data, text"]);
  });

  it("survives what is no JSON, no chunk, or cannot be read by the AI SDK, and says where it is", async () => {
    const { memory, say, ask, read } = setUp();
    const of = (kind: string, body: string) => memory.append({ headers: [["_ai", kind]], body });
    await say("a1", ["Hel", "lo"], ask("m1", "Hi"), false);
    const begin = 2;
    const bad = [memory.tail, memory.tail + 1];
    await of(`c.${begin.toString(36)}.100`, '{"type":"text-del');
    await of(`c.${begin.toString(36)}.101`, "[1]");
    await of(`c.${begin.toString(36)}.102`, JSON.stringify(text("lo")));
    await of("end", '{"answer":"a1","reason":"finished"}');
    bad.push(memory.tail, memory.tail + 1);
    await of("message", "{");
    await of("message", '"text"');
    await of("message", '{"id":"m2","role":"user","text":"And?"}');
    const found = await read();
    expect(texts(found.messages)).toEqual(["m1 user: Hi", "a1 assistant: Hello", "m2 user: And?"]);
    expect(found.unreadable).toEqual(bad);
    const { messages, unreadable } = await readConversation<Message>(memory.stream, {
      async *readUIMessageStream(options) {
        for await (const grown of reader.readUIMessageStream(options)) {
          if (grown.text === "Hello") throw new Error("what is that?");
          yield grown;
        }
      },
    });
    expect([texts(messages), unreadable]).toEqual([
      ["m1 user: Hi", "a1 assistant: Hel", "m2 user: And?"],
      [begin, ...bad],
    ]);
  });

  it("is not read without a reader", async () => {
    const { memory } = setUp();
    for (const none of [undefined, {}]) {
      await expect(readConversation(memory.stream, none as never)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("readUIMessageStream"),
      });
    }
  });
});

/** Lets something happen as soon as the conversation was read to its tail. */
function whenAllIsRead(memory: MemoryConversation, happens: () => Promise<unknown>): () => void {
  const readSession = memory.readSession.bind(memory);
  memory.readSession = async (args, options) => {
    const session = await readSession(args, options);
    const batches = session.batches.bind(session);
    session.batches = (given) => {
      const iterator = batches(given);
      const next = iterator.next.bind(iterator);
      iterator.next = async () => {
        const result = await next();
        if (result.done === true && args?.seq_num === 0) await happens();
        return result;
      };
      return iterator;
    };
    return session;
  };
  return () => {
    memory.readSession = readSession;
  };
}

describe("compacting a conversation", () => {
  it("leaves one record a message and the same messages, and may be done again and again", async () => {
    const { memory, say, ask, read, compact } = setUp();
    const words = Array.from({ length: 300 }, (_, index) => `${index} `);
    await say("a1", words, ask("m1", "Count"));
    await say("a2", words, ask("m2", "Again"));
    const { messages } = await read();
    const before = memory.records.length;
    const done = await compact();
    expect(done).toMatchObject({ messages: 4 });
    expect(memory.records[0]?.seq_num).toBe(done?.first);
    expect(before).toBeGreaterThan(600);
    expect(memory.records.filter(({ headers }) => headers._ai !== undefined)).toHaveLength(4);
    expect((await read()).messages).toEqual(messages);
    await say("a3", ["end"], ask("m3", "Thanks"));
    await compact();
    expect(texts((await read()).messages).slice(4)).toEqual(["m3 user: Thanks", "a3 assistant: end"]);
    expect(memory.token).toBe("");
  });

  it("shows the same messages before the trim has taken effect", async () => {
    const { memory, say, ask, read, compact } = setUp();
    await say("a1", ["one"], ask("m1", "Hi"));
    const old = [...memory.records];
    const { messages } = await read();
    await compact();
    memory.records.unshift(...old);
    expect((await read()).messages).toEqual(messages);
  });

  it("leaves alone what has not ended, and is refused while somebody writes", async () => {
    const { clock, memory, say, ask, compact } = setUp();
    expect(await compact()).toBeUndefined();
    await say("a1", ["Hel", "lo"], { ...ask("m1", "Hi"), clock: createFakeClock(clock.now()) }, false);
    await expect(compact()).rejects.toMatchObject({ code: "LEASE_HELD" });
    await clock.advance(60_000);
    const { length } = memory.bodies(/./);
    expect(await compact()).toBeUndefined();
    expect(memory.bodies(/./)).toHaveLength(length);
  });

  it("does not delete records that are not the conversation's, unless it is told to", async () => {
    const { clock, memory, say, ask, compact } = setUp();
    const first = memory.tail;
    await memory.append({ body: "audit: the first" });
    await say("a1", ["one"], ask("m1", "Hi"));
    const second = memory.tail;
    await memory.append({ headers: [["kind", "audit"]], body: "the second" });
    await expect(compact()).rejects.toMatchObject({
      code: "FOREIGN_RECORDS",
      message: `The conversation was not compacted: the records at ${first}, ${second} are not of it, and would be deleted`,
    });
    expect([memory.records[0]?.seq_num, memory.token]).toEqual([0, ""]);
    const done = await compactConversation(memory.stream, reader, { clock, dropForeign: true });
    expect([done?.messages, memory.bodies(/./).length, memory.records[0]?.seq_num]).toEqual([
      2,
      2,
      done?.first,
    ]);
  });

  it("deletes nothing that has come since it was read", async () => {
    const { clock, memory, say, ask, read, compact } = setUp();
    await say("a1", ["one"], ask("m1", "Hi"));
    // Somebody who knows nothing of leases.
    const late = {
      headers: [["_ai", "message"]] as [string, string][],
      body: '{"id":"m2","role":"user","text":"wait"}',
    };
    const restore = whenAllIsRead(memory, () => memory.append(late));
    await expect(compact()).rejects.toMatchObject({ name: "SeqNumMismatchError" });
    restore();
    expect(memory.records[0]?.seq_num).toBe(0);
    expect(texts((await read()).messages)).toEqual(["m1 user: Hi", "a1 assistant: one", "m2 user: wait"]);
    expect(await compactConversation(memory.stream, reader, { clock })).toMatchObject({ messages: 3 });
  });

  it("is not kept from it by the renewals of its own lease", async () => {
    const { clock, memory, say, ask, compact } = setUp();
    await say("a1", ["one"], ask("m1", "Hi"));
    whenAllIsRead(memory, () => clock.advance(6000));
    expect(await compact()).toMatchObject({ messages: 2 });
    expect(memory.bodies(/./)).toHaveLength(2);
  });

  it("does not lose what cannot be read, unless it is told to", async () => {
    const { clock, memory, say, ask, compact } = setUp();
    await say("a1", ["one"], ask("m1", "Hi"));
    const bad = memory.tail;
    await memory.append({ headers: [["_ai", "message"]], body: "{" });
    const before = memory.records.length;
    await expect(compact()).rejects.toMatchObject({
      code: "UNREADABLE_RECORDS",
      message: `The conversation was not compacted: what cannot be read at ${bad} would be lost`,
    });
    expect([memory.records[0]?.seq_num, memory.token]).toEqual([0, ""]);
    expect(memory.records.length - before).toBe(2);
    const done = await compactConversation(memory.stream, reader, { clock, dropUnreadable: true });
    expect(done).toMatchObject({ messages: 2 });
  });

  it("keeps the chunks of a message that is too large to be read as one", async () => {
    const { clock, memory, say, ask } = setUp();
    await say("a1", ["one"], ask("m1", "Hi"));
    const before = memory.bodies(/./).length;
    const length = 64 * 1024 * 1024;
    const growing = {
      async *readUIMessageStream(options: Parameters<typeof reader.readUIMessageStream>[0]) {
        for await (const message of reader.readUIMessageStream(options))
          yield { ...message, text: "x".repeat(length) };
      },
    };
    await expect(compactConversation(memory.stream, growing, { clock })).rejects.toMatchObject({
      code: "MESSAGE_TOO_LARGE",
      message: expect.stringMatching(
        /the message "a1" is 6710\d{4} characters .*; at most 67108864 can be read as one$/,
      ),
    });
    expect([memory.bodies(/./).length, memory.records[0]?.seq_num, memory.token]).toEqual([before, 0, ""]);
  });
});
