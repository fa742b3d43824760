import { describe, expect, it } from "vitest";
import { type Message, reader, createConversationRig as setUp, texts } from "../../test/conversation-rig.js";
import { answerChunks, feed } from "../../test/ui-chunks.js";
import { readConversation, startAnswer, type UiChunk } from "./index.js";

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
