import { AppendRecord, commandOf, RangeNotSatisfiableError } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf, expectServerError, take } from "../expecting.js";
import { observedTail } from "../stream-waits.js";
import { appendTexts, bodiesOf } from "../texts.js";
import { settled } from "../waiting.js";

export const following = topic("following", ({ sdk }) => {
  sdk("gives what is stored, then what comes", ["read.session-follow"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a", "b");
    const session = await stream.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    const next = async () => (await settled("a record", records.next())).value?.body;
    expect([await next(), await next()]).toEqual(["a", "b"]);
    const waiting = next();
    await appendTexts(stream, "c", "d");
    expect(await waiting).toBe("c");
    expect(await next()).toBe("d");
    await appendTexts(stream, "e");
    expect(await next()).toBe("e");
    await records.return?.();
  });

  sdk(
    "follows from the tail when no start is given",
    ["read.session-follow", "read.start-tail-offset"],
    async (ctx) => {
      const stream = await ctx.stream();
      await appendTexts(stream, "before");
      const session = await stream.readSession();
      await appendTexts(stream, "after");
      expect(bodiesOf(await take(session, 1))).toEqual(["after"]);
    },
  );

  sdk("follows an empty stream from its beginning", ["read.session-follow"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.readSession({ seq_num: 0 });
    await appendTexts(stream, "a");
    expect(await take(session, 1)).toMatchObject([{ seq_num: 0, body: "a" }]);
  });

  sdk(
    "starts at a timestamp, or before the tail",
    ["read.start-timestamp", "read.start-tail-offset"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([
        { body: "a", timestamp: 10 },
        { body: "b", timestamp: 20 },
        { body: "c", timestamp: 30 },
      ]);
      expect(bodiesOf(await take(await stream.readSession({ timestamp: 15 }), 2))).toEqual(["b", "c"]);
      expect(bodiesOf(await take(await stream.readSession({ tail_offset: 1 }), 1))).toEqual(["c"]);
      expect(bodiesOf(await take(await stream.readSession({ tail_offset: 100 }), 3))).toEqual([
        "a",
        "b",
        "c",
      ]);
    },
  );

  sdk(
    "refuses to open beyond the tail, and follows from it when clamped",
    ["read.beyond-tail", "error.range"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ body: "a", timestamp: 7 });
      const error = await errorOf(stream.readSession({ seq_num: 5 }));
      expect(error).toBeInstanceOf(RangeNotSatisfiableError);
      expect(error).toMatchObject({ status: 416, tail: { seq_num: 1, timestamp: 7 } });
      const session = await stream.readSession({ seq_num: 5, clamp: true });
      await appendTexts(stream, "b");
      expect(await take(session, 1)).toMatchObject([{ seq_num: 1, body: "b" }]);
    },
  );

  sdk(
    "reads a backlog of many batches completely and in order",
    ["read.session-follow", "sdk.same-records"],
    async (ctx) => {
      const stream = await ctx.stream();
      const count = 6000;
      for (let at = 0; at < count; at += 1000) {
        await stream.append(
          Array.from({ length: 1000 }, (_, index) => ({ body: `${at + index}`.padEnd(300, "x") })),
        );
      }
      const session = await stream.readSession({ seq_num: 0, wait: 0 });
      let expected = 0;
      for await (const { seq_num, body } of session) {
        if (seq_num !== expected || body !== String(expected).padEnd(300, "x"))
          throw new Error(`record ${expected} is ${seq_num}: ${body}`);
        expected += 1;
      }
      expect(expected).toBe(count);
    },
  );

  sdk("gives batches as they were received, with the tail on live ones only", ["read.tail"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a", "b");
    const session = await stream.readSession({ seq_num: 0 });
    const batches = session.batches();
    const stored = await settled("a batch", batches.next());
    expect(bodiesOf(stored.value?.records ?? [])).toEqual(["a", "b"]);
    expect(stored.value?.tail).toBeUndefined();
    const waiting = batches.next();
    await observedTail(session, 2);
    await stream.append([{ body: "c" }]);
    const live = await settled("a live batch", waiting);
    expect(bodiesOf(live.value?.records ?? [])).toEqual(["c"]);
    expect(live.value?.tail?.seq_num).toBe(3);
    await batches.return?.();
  });

  sdk(
    "knows where to resume: behind the last record handed over [D2-8, G-7]",
    ["sdk.positions"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([
        { body: "a", timestamp: 1 },
        { body: "b", timestamp: 2 },
        { body: "c", timestamp: 3 },
      ]);
      const session = await stream.readSession({ seq_num: 0 });
      const records = session[Symbol.asyncIterator]();
      await records.next();
      expect(session.nextReadPosition()).toEqual({ seq_num: 1, timestamp: 1 });
      await records.next();
      expect(session.nextReadPosition()).toEqual({ seq_num: 2, timestamp: 2 });
      await records.return?.();
      const resumed = await stream.readSession({ seq_num: session.nextReadPosition()?.seq_num, wait: 0 });
      expect(bodiesOf(await all(resumed))).toEqual(["c"]);
    },
  );

  sdk("is told the tail in silence", ["read.heartbeat", "sdk.positions"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ body: "a", timestamp: 5 });
    const session = await stream.readSession({ seq_num: 1 });
    const reader = session.getReader();
    const pending = reader.read();
    await observedTail(session, 1);
    expect(session.lastObservedTail()).toEqual({ seq_num: 1, timestamp: 5 });
    await reader.cancel();
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  sdk(
    "has fixed its start when it is open [H-7]",
    ["read.start-tail-offset", "sdk.positions"],
    async (ctx) => {
      const stream = await ctx.stream();
      await appendTexts(stream, "a", "b");
      const session = await stream.readSession({ tail_offset: 0 });
      expect(session.nextReadPosition()?.seq_num).toBe(2);
      await appendTexts(stream, "c");
      expect(await take(session, 1)).toMatchObject([{ seq_num: 2 }]);
    },
  );

  sdk("gives every reader all of it", ["read.session-follow"], async (ctx) => {
    const stream = await ctx.stream();
    const sessions = await Promise.all(Array.from({ length: 5 }, () => stream.readSession({ seq_num: 0 })));
    const readers = sessions.map((session) => take(session, 20));
    for (let at = 0; at < 20; at += 4)
      await appendTexts(stream, ...[0, 1, 2, 3].map((index) => String(at + index)));
    const expected = Array.from({ length: 20 }, (_, index) => String(index));
    for (const reader of readers) expect(bodiesOf(await reader)).toEqual(expected);
  });

  sdk("does not open on a stream that does not exist", ["code.stream_not_found"], async (ctx) => {
    const basin = await ctx.basin();
    await expectServerError(ctx.handle(basin, "missing").readSession(), "stream_not_found", 404);
  });

  sdk("reads past a trim that overtakes it", ["commands.trim"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a", "b", "c");
    const session = await stream.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count += 1) await records.next();
    await stream.append(AppendRecord.trim(3));
    await appendTexts(stream, "d");
    const trim = (await settled("the trim", records.next())).value;
    expect(trim && commandOf(trim)).toMatchObject({ command: "trim" });
    expect((await settled("the record behind it", records.next())).value?.body).toBe("d");
    await records.return?.();
  });
});
