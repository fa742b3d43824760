import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import {
  type Answer,
  compactConversation,
  continueAnswer,
  findAnswer,
  readConversation,
  stopAnswer,
} from "@s2-dev/streamstore-patterns/ai";
import { createCursor } from "@s2-dev/streamstore-patterns/cursor";
import { LeaseHeldError } from "@s2-dev/streamstore-patterns/lease";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { countedStream } from "../link-counter.js";
import {
  abandonAnswer,
  answeredBy,
  chunksOf,
  closing,
  delta,
  EVERYTHING,
  endOf,
  LONG,
  messageReader,
  NOW,
  numbered,
  opening,
  PATIENCE,
  produce,
  resume,
  SKEW,
  startLastingAnswer,
  TTL,
  textOf,
  untilDurable,
} from "../model-answers.js";
import { firstRecord } from "../stream-waits.js";
import { eventually, settled } from "../waiting.js";

export const answering = topic("answering", ({ sdk }) => {
  sdk(
    "gives an answer to any number of readers, whenever they come, and leaves no session",
    ["read.session-follow", "conditions.fencing", "commands.fence"],
    async (ctx) => {
      const { stream, links } = await countedStream(ctx);
      expect((await resume(stream)).status).toBe(204);
      const answer = await startLastingAnswer(stream, { id: "a1" });
      const { give, end, sent } = produce(answer);
      give(...opening);
      await untilDurable(stream, 2);
      const readers: Promise<object[]>[] = [];
      for (let round = 0; round < 10; round += 1) {
        readers.push(resume(stream).then(chunksOf));
        give(...numbered(round * 10, round * 10 + 10));
      }
      give(...closing);
      end();
      const expected = await sent;
      expect(textOf(expected)).toBe(EVERYTHING);
      for (const chunks of await Promise.all(readers)) expect(chunks).toEqual(expected);
      expect(await answer.done).toMatchObject({ reason: "finished", isStored: true });
      expect((await resume(stream)).status).toBe(204);
      await eventually("no session is left", async () => (links.open === 0 ? true : undefined));
    },
  );

  sdk(
    "refuses a reader with a position beyond the tail while an answer is active, and has nothing for it otherwise",
    ["read.beyond-tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      const cursor = String(createCursor(stream, 1000));
      await endOf(await startLastingAnswer(stream, { id: "a1" }));
      expect((await resume(stream, { cursor })).status).toBe(204);
      const answer = await startLastingAnswer(stream, { id: "a2" });
      const { give, end, sent } = produce(answer);
      give(...opening);
      await untilDurable(stream, 16);
      const refused = await resume(stream, { cursor });
      const { seq_num } = (await stream.checkTail()).tail;
      expect([refused.status, await refused.json()]).toMatchObject([416, { tail: { seq_num } }]);
      end();
      await sent;
    },
  );

  sdk("stops an answer from another client, and everybody sees the end", ["records.headers"], async (ctx) => {
    const basin = await ctx.basin();
    const stream = await ctx.streamIn(basin);
    const answer = await startLastingAnswer(stream, { id: "a1", stopGraceMillis: 0 });
    const { give, sent } = produce(answer);
    give(...opening, ...numbered(0, 10));
    await untilDurable(stream, 12);
    const following = resume(stream).then(chunksOf);
    const elsewhere = ctx.connect().basin(basin.name).stream(stream.name);
    expect(await stopAnswer(elsewhere, { waitMillis: PATIENCE })).toEqual({
      answer: "a1",
      reason: "stopped",
    });
    expect(answer.signal.aborted).toBe(true);
    expect((await sent).at(-1)).toEqual({ type: "abort" });
    expect(await following).toEqual(await sent);
    expect(await stopAnswer(elsewhere)).toBeUndefined();
  });

  sdk(
    "lets one of many producers have a conversation, until another takes over",
    ["conditions.fencing"],
    async (ctx) => {
      const stream = await ctx.stream();
      const contenders = Array.from({ length: 8 }, (_, index) =>
        startLastingAnswer(stream, { id: `a${index}` }),
      );
      const outcomes = await settled("every contender", Promise.allSettled(contenders));
      const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(won).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(LeaseHeldError);
      }
      const [first] = won as [Answer];
      const { give } = produce(first);
      give(...opening, ...numbered(0, 10));
      await untilDurable(stream, 12);
      const second = await startLastingAnswer(stream, { id: "second", whenActive: "takeOver" });
      // Its model goes on talking, and nothing of it lands.
      expect(await settled("the end of the first", first.done)).toMatchObject({ reason: "replaced" });
      const { give: giveSecond, end } = produce(second);
      giveSecond(...opening, ...numbered(50, 60), ...closing);
      end();
      await second.done;
      const { messages } = await readConversation(stream, messageReader);
      expect(messages.map(({ id, text }) => [id, text])).toEqual([
        [first.id, textOf(numbered(0, 10))],
        ["second", textOf(numbered(50, 60))],
      ]);
    },
  );

  sdk("lets nobody who takes over at the same time go on unseen", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    const contenders = Array.from({ length: 4 }, (_, index) =>
      startLastingAnswer(stream, { id: `a${index}`, whenActive: "takeOver" }),
    );
    const outcomes = await settled("every contender", Promise.allSettled(contenders));
    const started = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(started.length).toBeGreaterThan(0);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(LeaseHeldError);
    }
    const ends = await settled("their ends", Promise.all(started.map((answer) => endOf(answer))));
    expect(ends.filter(({ reason }) => reason === "finished")).toHaveLength(1);
    expect(ends.filter(({ reason }) => reason !== "finished" && reason !== "replaced")).toEqual([]);
  });

  sdk(
    "goes on with the answer of a producer that has died: one of those who notice does, and all see it whole",
    ["conditions.fencing", "read.session-follow"],
    async (ctx) => {
      const stream = await ctx.stream();
      await abandonAnswer(stream);
      expect(await findAnswer(stream)).toMatchObject({ answer: "a1" });
      const later = () => createFakeClock(NOW + TTL + SKEW);
      const told = await answeredBy(stream, { clock: later(), clockSkewMillis: SKEW });
      expect(told.at(-1)).toEqual({ type: "error", errorText: "The answer was interrupted." });

      let continued = 0;
      const onCrash = async (): Promise<void> => {
        const answer = await continueAnswer(stream, {
          clock: later(),
          ttlMillis: TTL,
          clockSkewMillis: SKEW,
        });
        if (answer === undefined) return;
        continued += 1;
        expect(answer.text).toBe(textOf(numbered(0, 40)));
        const { give, end } = produce(answer);
        give(...opening, ...numbered(40, 100), ...closing);
        end();
      };
      const readers = Array.from({ length: 6 }, () =>
        answeredBy(stream, { clock: later(), clockSkewMillis: SKEW, onCrash }),
      );
      for (const chunks of await Promise.all(readers)) {
        expect(textOf(chunks)).toBe(EVERYTHING);
        expect(chunks).toHaveLength(104);
      }
      expect(continued).toBe(1);
    },
  );

  sdk(
    "ends the answer of a producer that has died, when somebody asks to stop it",
    ["conditions.fencing"],
    async (ctx) => {
      const stream = await ctx.stream();
      await abandonAnswer(stream);
      const clock = createFakeClock(NOW + TTL + SKEW);
      const stopping = stopAnswer(stream, { clock, clockSkewMillis: SKEW });
      const stopped = eventually("the end", async () => {
        await clock.advance(0);
        return (await findAnswer(stream)) === undefined ? true : undefined;
      });
      await stopped;
      expect(await settled("the stop", stopping)).toEqual({ answer: "a1", reason: "stopped" });
    },
  );

  sdk("compacts a conversation to its messages", ["commands.trim"], async (ctx) => {
    const stream = await ctx.stream();
    for (const id of ["a1", "a2"]) {
      const answer = await startLastingAnswer(stream, { id, messages: [{ id: `to ${id}`, role: "user" }] });
      const { give, end } = produce(answer);
      // The second is larger than a record may be.
      give(...opening, id === "a1" ? delta("short") : delta("é".repeat(800_000)), ...closing);
      end();
      expect(await answer.done).toMatchObject({ isStored: true });
    }
    const { messages } = await readConversation(stream, messageReader);
    expect(messages.map(({ id }) => id)).toEqual(["to a1", "a1", "to a2", "a2"]);
    const compaction = await compactConversation(stream, messageReader, { ttlMillis: LONG });
    expect(compaction).toMatchObject({ messages: 4 });
    await firstRecord(stream, compaction?.first ?? -1);
    expect((await readConversation(stream, messageReader)).messages).toEqual(messages);
  });
});
