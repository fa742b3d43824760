import { AppendRecord, RangeNotSatisfiableError } from "@s2-dev/streamstore";
import { CursorMismatchError, cursorOf, restoreCursor } from "@s2-dev/streamstore-patterns/cursor";
import {
  catchUp,
  type ReplayGap,
  ReplayGapError,
  readAll,
  resumeReading,
} from "@s2-dev/streamstore-patterns/reading";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf, take } from "../expecting.js";
import { countedStream } from "../link-counter.js";
import { trimTo } from "../stream-waits.js";
import { bodiesOf, numbered } from "../texts.js";
import { eventually, settled } from "../waiting.js";

export const resuming = topic("resuming", ({ sdk }) => {
  sdk(
    "goes on from a cursor that was stored as text",
    ["read.start-seq-num", "sdk.positions"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append(numbered(10));
      const session = await stream.readSession({ seq_num: 0 });
      await take(session, 4);
      const text = String(cursorOf(stream, session));
      expect(restoreCursor(text, stream)).toMatchObject({ stream: stream.name, seq_num: 4 });
      const again = await stream.readSession({ ...restoreCursor(text, stream).start(), wait: 0 });
      expect(bodiesOf(await all(again))).toEqual(bodiesOf(numbered(6, 4)));
      const records = await resumeReading(stream, text, { wait: 0 });
      expect(bodiesOf(await all(records))).toEqual(bodiesOf(numbered(6, 4)));
      expect(records.cursor().seq_num).toBe(10);
      expect(bodiesOf(await all(await resumeReading(stream, 8, { wait: 0 })))).toEqual(["8", "9"]);
    },
  );

  sdk(
    "follows the cursor of what was handed over, and not of what was received",
    ["sdk.positions"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append(numbered(10));
      const records = await resumeReading(stream, 0);
      const seen: number[] = [];
      for await (const { seq_num } of records) {
        seen.push(seq_num);
        expect(records.cursor().seq_num).toBe(seq_num + 1);
        if (seen.length === 5) break;
      }
      expect(records.cursor().seq_num).toBe(5);
    },
  );

  sdk("refuses the cursor of another stream", ["read.start-seq-num"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(3));
    const other = await ctx.stream();
    const cursor = (await resumeReading(stream, 2)).cursor();
    expect(await errorOf(resumeReading(other, cursor))).toBeInstanceOf(CursorMismatchError);
    expect(await errorOf(resumeReading(other, String(cursor)))).toMatchObject({ code: "CURSOR_MISMATCH" });
    expect(await errorOf(resumeReading(stream, "2"))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  sdk(
    "refuses a position beyond the tail: of a stream that was made anew",
    ["read.beyond-tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append(numbered(3));
      const error = await errorOf(resumeReading(stream, 4));
      expect(error).toBeInstanceOf(RangeNotSatisfiableError);
      expect(error).toMatchObject({ tail: { seq_num: 3 } });
    },
  );

  sdk(
    "tells of records that were trimmed before it came back",
    ["commands.trim", "read.trimmed-start"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append(numbered(10));
      await trimTo(stream, 6);
      const error = await errorOf(all(await resumeReading(stream, 2, { wait: 0 })));
      expect(error).toBeInstanceOf(ReplayGapError);
      expect(error).toMatchObject({ code: "REPLAY_GAP", expected: 2, found: 6 });
      const gaps: ReplayGap[] = [];
      const records = await resumeReading(stream, 2, {
        wait: 0,
        onGap: (gap) => gaps.push(gap),
        ignoreCommandRecords: true,
      });
      expect(bodiesOf(await all(records))).toEqual(["6", "7", "8", "9"]);
      expect(gaps).toEqual([{ expected: 2, found: 6 }]);
      expect(records.cursor().seq_num).toBe(11);
      // Nothing is missing for who had got as far as that.
      expect(await all(await resumeReading(stream, 6, { wait: 0 }))).toHaveLength(5);
    },
  );

  sdk("tells of them at once when nothing is left, and nothing comes", ["read.heartbeat"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(numbered(10));
    await trimTo(stream, 11);
    for (const wait of [{}, { wait: 0 }]) {
      const error = await errorOf(all(await resumeReading(stream, 2, wait)));
      expect(error).toMatchObject({ code: "REPLAY_GAP", expected: 2, found: 11 });
    }
    const ended = await resumeReading(stream, 2, { wait: 0, onGap: () => {} });
    expect(await all(ended)).toEqual([]);
    expect(ended.cursor().seq_num).toBe(11);
    const gaps: ReplayGap[] = [];
    const records = await resumeReading(stream, 2, { onGap: (gap) => gaps.push(gap) });
    const batches = records.batches();
    const next = batches.next();
    await eventually("the gap", async () => (gaps.length === 1 ? true : undefined));
    expect(gaps).toEqual([{ expected: 2, found: 11 }]);
    expect(records.cursor().seq_num).toBe(11);
    await stream.append({ body: "new" });
    expect((await settled("a record", next)).value?.records).toMatchObject([{ seq_num: 11, body: "new" }]);
    await batches.return(undefined);
  });

  sdk(
    "finds no gap where there is none: at the tail, and among commands it leaves out",
    ["read.heartbeat"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([...numbered(2), AppendRecord.fence("a"), AppendRecord.fence("b")]);
      const records = await resumeReading(stream, 0, { ignoreCommandRecords: true });
      const iterator = records[Symbol.asyncIterator]();
      const next = async () => (await settled("a record", iterator.next())).value?.seq_num;
      expect([await next(), await next()]).toEqual([0, 1]);
      const live = next();
      await stream.append([AppendRecord.fence("c"), { body: "x" }], { fencing_token: "b" });
      expect(await live).toBe(5);
      await iterator.return(undefined);
      const atTail = await resumeReading(stream, 6);
      const waiting = take(atTail, 1);
      await stream.append({ body: "y" });
      expect(await waiting).toMatchObject([{ seq_num: 6 }]);
    },
  );

  sdk(
    "reads what there is, says when that was all, and goes on live",
    ["read.session-follow", "read.heartbeat"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append(numbered(1500 / 2));
      await stream.append(numbered(1500 / 2, 750));
      const feed = await catchUp(stream);
      expect(feed.boundary).toBeUndefined();
      expect(await errorOf(all(feed.live))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(bodiesOf(await all(feed.backlog))).toEqual(bodiesOf(numbered(1500)));
      expect(feed.boundary).toMatchObject({ seq_num: 1500 });
      const live = take(feed.live, 3);
      await stream.append({ body: "a" });
      await stream.append([{ body: "b" }, { body: "c" }]);
      expect(bodiesOf(await live)).toEqual(["a", "b", "c"]);
    },
  );

  sdk(
    "has no backlog in an empty stream, at the tail, and where all was trimmed",
    ["read.heartbeat"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (const [args, tail] of [
        [{}, 0],
        [{ tail_offset: 0 }, 0],
        [{ seq_num: 0 }, 4],
      ] as const) {
        if (tail === 4) {
          await stream.append(numbered(3));
          await trimTo(stream, 4);
        }
        await using feed = await catchUp(stream, args);
        expect(await all(feed.backlog)).toEqual([]);
        expect(feed.boundary?.seq_num).toBe(tail);
      }
    },
  );

  sdk("lets go of the connection when a loop is left early", ["sdk.closing"], async (ctx) => {
    const { stream, links } = await countedStream(ctx);
    await stream.append(numbered(100));
    const feed = await catchUp(stream);
    for (const open of [
      async () => readAll(stream),
      () => resumeReading(stream, 0),
      async () => (await catchUp(stream)).backlog,
      async () => {
        await all(feed.backlog);
        return feed.live;
      },
    ]) {
      const records = await open();
      const taking = take(records, 1);
      await stream.append({ body: "one more" });
      expect(await taking).toHaveLength(1);
    }
    const disposed = await resumeReading(stream, 0);
    await disposed[Symbol.asyncDispose]();
    await eventually("every link is let go", async () => (links.open === 0 ? true : undefined));
    expect(links.opened).toBe(5);
  });
});
