import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { reader, createConversationRig as setUp, texts } from "../../test/conversation-rig.js";
import type { MemoryConversation } from "../../test/memory-conversation.js";
import { compactConversation } from "./index.js";

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
