import {
  DeserializingReadSession,
  SerializingAppendSession,
} from "@s2-dev/streamstore-patterns/serialization";
import { type InvalidMessage, typed } from "@s2-dev/streamstore-patterns/typed";
import { expect } from "vitest";
import { z } from "zod";
import { topic } from "../behaviour.js";
import { settled } from "../waiting.js";

const MIB = 1024 * 1024;
const Note = z.object({ author: z.string(), text: z.string() });

/** Where the first byte says who wrote it and the second as the how-manieth, and no byte can be mistaken for another's. */
function messageOf(writer: number, index: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) =>
    at === 0 ? writer : at === 1 ? index : (index * 31 + at * 7) % 251,
  );
}

export const messaging = topic("messaging", ({ sdk }) => {
  sdk(
    "keeps messages of any size whole and in order, though three write at the same time",
    ["records.append", "records.read"],
    async (ctx) => {
      const stream = await ctx.stream();
      const sizes = [2, MIB - 200, 5 * MIB, 3, 1_500_000];
      const sent = [0, 1, 2].map((writer) => sizes.map((size, index) => messageOf(writer, index, size)));
      await Promise.all(
        sent.map(async (messages) => {
          const session = new SerializingAppendSession<Uint8Array>(
            await stream.appendSession(),
            (message) => message,
            { dedupeSeq: 0 },
          );
          for (const message of messages) void session.submit(message);
          await session.close();
        }),
      );
      const read = new DeserializingReadSession(
        await stream.readSession({ seq_num: 0, as: "bytes", wait: 0 }),
        (bytes) => bytes.slice(),
      );
      const got: Uint8Array[][] = [[], [], []];
      for await (const message of read) got[message[0] as number]?.push(message);
      const isSame = got.map((messages, writer) =>
        messages.map((message, index) => Buffer.compare(message, sent[writer]?.[index] ?? new Uint8Array())),
      );
      expect(isSame).toEqual(sent.map((messages) => messages.map(() => 0)));
    },
  );

  sdk(
    "writes typed messages of any size, and reads them back as what the schema makes of them",
    ["records.append", "records.read"],
    async (ctx) => {
      const stream = await ctx.stream();
      const notes = typed(stream, { schema: Note, key: ({ author }) => author });
      await notes.append(
        { author: "a", text: "short" },
        { id: "1", timestamp: 1234, headers: { lang: "en" } },
      );
      await notes.append({ author: "a", text: "x".repeat(3 * MIB) });
      await notes.appendBatch(["b", "c"].map((author) => ({ value: { author, text: "together" } })));
      const session = await notes.appendSession();
      const submitted = [10, 2 * MIB, 10].map((size) =>
        session.submit({ author: "d", text: "y".repeat(size) }),
      );
      await session.close();
      const read = await notes.read();
      expect(read.map(({ key, value }) => [key, value.text.length])).toEqual([
        ["a", 5],
        ["a", 3 * MIB],
        ["b", 8],
        ["c", 8],
        ["d", 10],
        ["d", 2 * MIB],
        ["d", 10],
      ]);
      expect(read[0]).toMatchObject({ seq_num: 0, end: 1, id: "1", timestamp: 1234 });
      expect(read[0]?.headers.lang).toBe("en");
      expect(read.slice(4).map(({ seq_num, end }) => ({ start: seq_num, end }))).toEqual(
        await Promise.all(submitted),
      );
      // Whoever knows nothing of this reads plain JSON.
      const { records } = await stream.read({ seq_num: 0, count: 1 });
      expect(JSON.parse(records[0]?.body ?? "")).toEqual({ author: "a", text: "short" });
    },
  );

  sdk(
    "refuses a typed message that does not fit before it is sent, and tells a reader where one lies",
    ["records.append", "records.read"],
    async (ctx) => {
      const stream = await ctx.stream();
      const notes = typed(stream, { schema: Note });
      await expect(notes.append({ author: "a" } as never)).rejects.toMatchObject({
        issues: [{ path: ["text"] }],
      });
      expect((await stream.checkTail()).tail.seq_num).toBe(0);
      await stream.append([
        { body: '{"author":"a","text":"good"}' },
        { body: '{"author":1}' },
        { body: "no JSON" },
      ]);
      await expect(notes.read()).rejects.toThrow(
        /^The message at sequence number 1 does not fit its schema: author: /,
      );
      const told: InvalidMessage[] = [];
      const good = await notes.read({ onInvalid: (invalid) => void told.push(invalid) });
      expect(good.map(({ value }) => value.text)).toEqual(["good"]);
      expect(told.map(({ error }) => [error.seqNum, error.problem])).toEqual([
        [1, "schema"],
        [2, "decode"],
      ]);
    },
  );

  sdk(
    "follows typed messages live, and goes on from a stored position without loss or repetition",
    ["read.session-follow"],
    async (ctx) => {
      const stream = await ctx.stream();
      const events = typed(stream, {
        union: { added: z.object({ n: z.number() }), noted: z.string() },
      });
      const session = await events.appendSession();
      void session.submit({ n: 1 }, { type: "added" });
      const follower = events.follow({ seq_num: 0 })[Symbol.asyncIterator]();
      const next = () => settled("the next message", follower.next());
      expect((await next()).value).toMatchObject({ type: "added", value: { n: 1 } });
      const pending = next();
      void session.submit("x".repeat(2 * MIB), { type: "noted" });
      void session.submit({ n: 2 }, { type: "added" });
      await session.close();
      const { value: noted } = await pending;
      expect([noted?.type, String(noted?.value).length]).toEqual(["noted", 2 * MIB]);
      const resume: unknown = JSON.parse(JSON.stringify(noted?.resume));
      await follower.return?.();
      const rest = await events.read({ resume: resume as NonNullable<typeof noted>["resume"] });
      expect(rest.map(({ value }) => value)).toEqual([{ n: 2 }]);
    },
  );
});
