import { AppendRecord, isCommandRecord, RangeNotSatisfiableError } from "@s2-dev/streamstore";
import { collect, readAll, readLast } from "@s2-dev/streamstore-patterns/reading";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf } from "../expecting.js";
import { trimTo } from "../stream-waits.js";
import { bodiesOf, numbered } from "../texts.js";

export const paging = topic("paging", ({ sdk }) => {
  sdk(
    "reads everything to the tail, far beyond what one read gives",
    ["read.session-catch-up", "read.unary-caps"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (let at = 0; at < 4500; at += 900) await stream.append(numbered(900, at));
      expect(bodiesOf(await collect(stream))).toEqual(bodiesOf(numbered(4500)));
      let batches = 0;
      let records = 0;
      for await (const batch of readAll(stream, { as: "bytes" }).batches()) {
        batches += 1;
        records += batch.records.length;
        expect(batch.records[0]?.body).toBeInstanceOf(Uint8Array);
      }
      expect(records).toBe(4500);
      expect(batches).toBeGreaterThan(4);
    },
  );

  sdk("gives nothing of an empty stream, and nothing at its tail", ["read.at-tail"], async (ctx) => {
    const stream = await ctx.stream();
    expect(await collect(stream)).toEqual([]);
    await stream.append(numbered(3));
    // With a limit the service answers 416 there, without one it ends the session.
    for (const limit of [{}, { count: 5 }, { bytes: 100 }, { until: 2 ** 50 }]) {
      expect(await collect(stream, { seq_num: 3, ...limit })).toEqual([]);
      expect(await collect(stream, { tail_offset: 0, ...limit })).toEqual([]);
      expect(bodiesOf(await collect(stream, { seq_num: 2, ...limit }))).toEqual(["2"]);
    }
  });

  sdk("refuses a start beyond the tail, unless it is clamped", ["read.beyond-tail"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(3));
    const error = await errorOf(collect(stream, { seq_num: 4 }));
    expect(error).toBeInstanceOf(RangeNotSatisfiableError);
    expect(await errorOf(collect(stream, { seq_num: 4, count: 1 }))).toBeInstanceOf(RangeNotSatisfiableError);
    expect(await collect(stream, { seq_num: 4, clamp: true })).toEqual([]);
    expect(await collect(stream, { seq_num: 4, clamp: true, count: 1 })).toEqual([]);
  });

  sdk("begins at the first record that a trim left, or ends", ["read.trimmed-start"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(10));
    await trimTo(stream, 6);
    const all = await collect(stream, { seq_num: 2, as: "bytes" });
    expect(all.map(({ seq_num }) => seq_num)).toEqual([6, 7, 8, 9, 10]);
    expect(all.map(isCommandRecord)).toEqual([false, false, false, false, true]);
    expect(bodiesOf(await collect(stream, { ignoreCommandRecords: true }))).toEqual(["6", "7", "8", "9"]);
    await trimTo(stream, 12);
    expect(await collect(stream)).toEqual([]);
    expect(await readLast(stream, 5)).toEqual([]);
  });

  sdk("reads anew in each iteration", ["read.session-catch-up"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(100));
    const all = readAll(stream, { count: 2 });
    for (let round = 0; round < 2; round += 1) {
      const again: string[] = [];
      for await (const { body } of all) again.push(body);
      expect(again).toEqual(["0", "1"]);
    }
  });

  sdk("does not collect more than it was told to keep", ["read.session-catch-up"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(10));
    expect(await collect(stream, { maxBytes: 90 })).toHaveLength(10);
    expect(await errorOf(collect(stream, { maxBytes: 89 }))).toMatchObject({
      code: "COLLECT_LIMIT",
      data: { seq_num: 9 },
    });
  });

  sdk("gives the last records of long, short and empty streams", ["read.start-tail-offset"], async (ctx) => {
    const stream = await ctx.stream();
    expect(await readLast(stream, 5)).toEqual([]);
    await stream.append(numbered(3));
    expect(bodiesOf(await readLast(stream, 5))).toEqual(["0", "1", "2"]);
    expect(bodiesOf(await readLast(stream, 2))).toEqual(["1", "2"]);
    expect(await readLast(stream, 0)).toEqual([]);
    await stream.append(numbered(997, 3));
    await stream.append(numbered(1000, 1000));
    expect(bodiesOf(await readLast(stream, 1500))).toEqual(bodiesOf(numbered(1500, 500)));
    const [last] = await readLast(stream, 1, { as: "bytes" });
    expect(last?.body).toEqual(new TextEncoder().encode("1999"));
  });

  sdk("looks past commands for the last records", ["commands.form"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(4));
    await stream.append(Array.from({ length: 50 }, (_, index) => AppendRecord.fence(`token ${index}`)));
    await stream.append(numbered(1, 4));
    const last = (n: number) => readLast(stream, n, { ignoreCommandRecords: true });
    expect(bodiesOf(await last(2))).toEqual(["3", "4"]);
    expect(bodiesOf(await last(4))).toEqual(["1", "2", "3", "4"]);
    expect(bodiesOf(await last(9))).toEqual(["0", "1", "2", "3", "4"]);
    expect(await readLast(stream, 2)).toHaveLength(2);
  });
});
