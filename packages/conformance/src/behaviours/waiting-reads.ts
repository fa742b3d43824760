import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf } from "../expecting.js";
import { bodiesOf, withTenRecords } from "../texts.js";
import { eventually, settled } from "../waiting.js";

export const waitingReads = topic("waiting-reads", ({ sdk, raw }) => {
  sdk(
    "refuses a read at the tail that may not wait, clamped or not",
    ["read.at-tail", "error.range"],
    async (ctx) => {
      const empty = await ctx.stream();
      for (const args of [
        { seq_num: 0 },
        { timestamp: 0 },
        { tail_offset: 0 },
        { tail_offset: 5 },
        { seq_num: 0, wait: 0 },
      ]) {
        expect(await errorOf(empty.read(args))).toMatchObject({
          status: 416,
          tail: { seq_num: 0, timestamp: 0 },
        });
      }
      const stream = await withTenRecords(await ctx.stream());
      for (const args of [
        { seq_num: 10 },
        { seq_num: 10, clamp: true },
        { seq_num: 99, clamp: true },
        { tail_offset: 0 },
        { timestamp: 5000, clamp: true },
      ]) {
        expect(await errorOf(stream.read(args))).toMatchObject({
          status: 416,
          tail: { seq_num: 10, timestamp: 1000 },
        });
      }
    },
  );

  sdk("does not wait when there are records", ["read.long-poll"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    const batch = await settled("a read with 60 s to wait", stream.read({ seq_num: 8, wait: 60 }));
    expect(bodiesOf(batch.records)).toEqual(["8", "9"]);
    expect(batch.tail).toBeUndefined();
  });

  sdk(
    "waits at the tail for a batch, and tells the tail with it",
    ["read.long-poll", "read.tail"],
    async (ctx) => {
      const stream = await withTenRecords(await ctx.stream());
      const waiting = stream.read({ seq_num: 10, wait: 60 });
      await stream.append([
        { body: "live", timestamp: 2000 },
        { body: "too", timestamp: 2000 },
      ]);
      const batch = await settled("the read", waiting);
      expect(bodiesOf(batch.records)[0]).toBe("live");
      if (batch.tail !== undefined) expect(batch.tail).toEqual({ seq_num: 12, timestamp: 2000 });
    },
  );

  sdk(
    "waits also on an empty stream, and gives nothing when the wait is over",
    ["read.long-poll"],
    async (ctx) => {
      const stream = await ctx.stream();
      expect(await stream.read({ seq_num: 0, wait: 1 })).toEqual({ records: [] });
    },
  );

  sdk(
    "waits for no more records than asked for",
    ["read.long-poll", "read.count", "read.tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      const waiting = stream.read({ seq_num: 0, wait: 60, count: 1 });
      await stream.append([
        { body: "a", timestamp: 1 },
        { body: "b", timestamp: 2 },
      ]);
      const batch = await settled("the read", waiting);
      expect(bodiesOf(batch.records)).toEqual(["a"]);
    },
  );

  raw(
    "tells a tail beyond the last record when a limit cut a live batch",
    ["read.tail", "read.long-poll"],
    async (ctx) => {
      const stream = await ctx.stream();
      const waiting = stream.read("seq_num=0&wait=60&count=1");
      // The read has to be waiting when the batch comes: another reader that was opened later tells.
      const session = await stream.readSession("seq_num=0");
      await session.next();
      await eventually("the read waits", async () => true);
      await stream.append({
        records: [
          { body: "a", timestamp: 1 },
          { body: "b", timestamp: 2 },
        ],
      });
      const batch = (await settled("the read", waiting)).json<{
        records: unknown[];
        tail?: unknown;
      }>();
      expect(batch.records).toHaveLength(1);
      if (batch.tail !== undefined) expect(batch.tail).toEqual({ seq_num: 2, timestamp: 2 });
      session.exchange.abort();
    },
  );
});
