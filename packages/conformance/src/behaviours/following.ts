import {
  AppendRecord,
  commandOf,
  RangeNotSatisfiableError,
  type ReadSession,
  type S2Stream,
} from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf, expectServerError, take } from "../expecting.js";
import { eventually, settled } from "../waiting.js";

async function append(stream: S2Stream, ...texts: string[]): Promise<void> {
  await stream.append(texts.map((body) => ({ body })));
}

const bodies = (records: readonly { body: string }[]): string[] => records.map(({ body }) => body);

/** The tail as the session has been told, once it has been. */
function observedTail(session: ReadSession<"string">, seqNum: number): Promise<true> {
  return eventually(`the session knows of the tail ${seqNum}`, async () =>
    session.lastObservedTail()?.seq_num === seqNum ? true : undefined,
  );
}

export const following = topic("following", ({ sdk }) => {
  sdk("gives what is stored, then what comes", ["read.session-follow"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a", "b");
    const session = await stream.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    const next = async () => (await settled("a record", records.next())).value?.body;
    expect([await next(), await next()]).toEqual(["a", "b"]);
    const waiting = next();
    await append(stream, "c", "d");
    expect(await waiting).toBe("c");
    expect(await next()).toBe("d");
    await append(stream, "e");
    expect(await next()).toBe("e");
    await records.return?.();
  });

  sdk(
    "follows from the tail when no start is given",
    ["read.session-follow", "read.start-tail-offset"],
    async (ctx) => {
      const stream = await ctx.stream();
      await append(stream, "before");
      const session = await stream.readSession();
      await append(stream, "after");
      expect(bodies(await take(session, 1))).toEqual(["after"]);
    },
  );

  sdk("follows an empty stream from its beginning", ["read.session-follow"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.readSession({ seq_num: 0 });
    await append(stream, "a");
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
      expect(bodies(await take(await stream.readSession({ timestamp: 15 }), 2))).toEqual(["b", "c"]);
      expect(bodies(await take(await stream.readSession({ tail_offset: 1 }), 1))).toEqual(["c"]);
      expect(bodies(await take(await stream.readSession({ tail_offset: 100 }), 3))).toEqual(["a", "b", "c"]);
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
      await append(stream, "b");
      expect(await take(session, 1)).toMatchObject([{ seq_num: 1, body: "b" }]);
    },
  );

  sdk("refuses to open at the tail with a limit and nothing to wait for", ["read.at-tail"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a");
    for (const limit of [{ count: 5 }, { bytes: 100 }, { until: Number.MAX_SAFE_INTEGER }]) {
      expect(await errorOf(stream.readSession({ seq_num: 1, ...limit }))).toMatchObject({ status: 416 });
      expect(await errorOf(stream.readSession({ seq_num: 1, clamp: true, ...limit }))).toMatchObject({
        status: 416,
      });
    }
  });

  sdk(
    "ends at its limits",
    ["read.session-limits", "read.count", "read.bytes", "read.until"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([1, 2, 3, 4].map((n) => ({ body: String(n), timestamp: n * 10 })));
      expect(bodies(await all(await stream.readSession({ seq_num: 0, count: 2 })))).toEqual(["1", "2"]);
      expect(bodies(await all(await stream.readSession({ seq_num: 0, bytes: 20 })))).toEqual(["1", "2"]);
      expect(bodies(await all(await stream.readSession({ seq_num: 0, bytes: 5 })))).toEqual([]);
      expect(bodies(await all(await stream.readSession({ seq_num: 0, until: 30 })))).toEqual(["1", "2"]);
      expect(
        bodies(await all(await stream.readSession({ seq_num: 0, count: 3, bytes: 9, until: 40 }))),
      ).toEqual(["1"]);
      // With a limit and no wait it ends at the tail, too.
      expect(bodies(await all(await stream.readSession({ seq_num: 0, count: 50 })))).toEqual([
        "1",
        "2",
        "3",
        "4",
      ]);
    },
  );

  sdk("ends at once at a limit of 0", ["read.exhausted-limit"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a");
    for (const limit of [{ count: 0 }, { bytes: 0 }]) {
      expect(await all(await stream.readSession({ seq_num: 0, ...limit }))).toEqual([]);
      expect(await all(await stream.readSession({ seq_num: 99, ...limit }))).toEqual([]);
      expect(await all(await stream.readSession(limit))).toEqual([]);
    }
  });

  sdk("counts live records towards its limit", ["read.session-limits", "read.session-wait"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a");
    const session = await stream.readSession({ seq_num: 0, count: 3, wait: 60 });
    const records = all(session);
    await append(stream, "b");
    await append(stream, "c", "d");
    expect(bodies(await records)).toEqual(["a", "b", "c"]);
    expect(session.nextReadPosition()?.seq_num).toBe(3);
  });

  sdk("reads to the tail and ends when it may not wait", ["read.session-catch-up"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a", "b");
    expect(bodies(await all(await stream.readSession({ seq_num: 0, wait: 0 })))).toEqual(["a", "b"]);
    expect(await all(await stream.readSession({ seq_num: 2, wait: 0 }))).toEqual([]);
  });

  sdk("ends when nothing has come for as long as it waits", ["read.session-wait"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a");
    const session = await stream.readSession({ seq_num: 0, wait: 1 });
    const records = all(session);
    await observedTail(session, 1);
    await append(stream, "b");
    expect(bodies(await records)).toEqual(["a", "b"]);
  });

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
    await append(stream, "a", "b");
    const session = await stream.readSession({ seq_num: 0 });
    const batches = session.batches();
    const stored = await settled("a batch", batches.next());
    expect(bodies(stored.value?.records ?? [])).toEqual(["a", "b"]);
    expect(stored.value?.tail).toBeUndefined();
    const waiting = batches.next();
    await observedTail(session, 2);
    await stream.append([{ body: "c" }]);
    const live = await settled("a live batch", waiting);
    expect(bodies(live.value?.records ?? [])).toEqual(["c"]);
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
      expect(bodies(await all(resumed))).toEqual(["c"]);
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
      await append(stream, "a", "b");
      const session = await stream.readSession({ tail_offset: 0 });
      expect(session.nextReadPosition()?.seq_num).toBe(2);
      await append(stream, "c");
      expect(await take(session, 1)).toMatchObject([{ seq_num: 2 }]);
    },
  );

  sdk("ends for its reader when it is cancelled, left or disposed of", ["sdk.closing"], async (ctx) => {
    const stream = await ctx.stream();
    const pending = async (session: ReadSession<"string">): Promise<unknown> =>
      (await session.getReader().read()).done;
    const cancelled = await stream.readSession({ seq_num: 0 });
    const byCancel = pending(cancelled);
    await cancelled.cancel();
    expect(await settled("the pending read", byCancel)).toBe(true);
    const disposed = await stream.readSession({ seq_num: 0 });
    const byDispose = pending(disposed);
    await disposed[Symbol.asyncDispose]();
    expect(await settled("the pending read", byDispose)).toBe(true);
    await append(stream, "a", "b");
    const left = await stream.readSession({ seq_num: 0 });
    for await (const _ of left) break;
    expect((await left.getReader().read()).done).toBe(true);
  });

  sdk(
    "ends with the handle, the basin and the client it was opened through",
    ["sdk.closing"],
    async (ctx) => {
      const { name } = await ctx.basin();
      await ctx.client.basin(name).streams.create({ stream: "s" });
      for (const owner of ["stream", "basin", "client"] as const) {
        const client = ctx.connect();
        const basin = client.basin(name);
        const stream = ctx.handle(basin, "s");
        const reading = (await stream.readSession({ seq_num: 0 })).getReader().read();
        await settled(`closing the ${owner}`, { stream, basin, client }[owner].close());
        expect((await settled("the pending read", reading)).done).toBe(true);
      }
      const client = ctx.connect();
      await client.close();
      expect(await errorOf(client.basins.list())).toMatchObject({ code: "SESSION_CLOSED" });
    },
  );

  sdk(
    "rejects with the reason when its signal is aborted, before and after it is open",
    ["sdk.abort"],
    async (ctx) => {
      const stream = await ctx.stream();
      const reason = new Error("enough");
      const before = await errorOf(stream.readSession({ seq_num: 0 }, { signal: AbortSignal.abort(reason) }));
      expect(before).toMatchObject({ code: "ABORTED", status: 499, cause: reason });
      const controller = new AbortController();
      const session = await stream.readSession({ seq_num: 0 }, { signal: controller.signal });
      const reading = errorOf(session.getReader().read());
      controller.abort(reason);
      expect(await reading).toMatchObject({ code: "ABORTED", cause: reason });
    },
  );

  sdk("gives every reader all of it", ["read.session-follow"], async (ctx) => {
    const stream = await ctx.stream();
    const sessions = await Promise.all(Array.from({ length: 5 }, () => stream.readSession({ seq_num: 0 })));
    const readers = sessions.map((session) => take(session, 20));
    for (let at = 0; at < 20; at += 4)
      await append(stream, ...[0, 1, 2, 3].map((index) => String(at + index)));
    const expected = Array.from({ length: 20 }, (_, index) => String(index));
    for (const reader of readers) expect(bodies(await reader)).toEqual(expected);
  });

  sdk(
    "sees the end of a stream that is deleted: the terminal trim, then an error",
    ["delete.readers", "code.unavailable"],
    async (ctx) => {
      const basin = await ctx.basin();
      const stream = await ctx.streamIn(basin);
      await stream.append({ body: "a" });
      const session = await stream.readSession({ seq_num: 0, as: "bytes" });
      const seen: unknown[] = [];
      const reading = errorOf(
        (async () => {
          for await (const record of session) seen.push(commandOf(record) ?? "record");
        })(),
      );
      await eventually("the session follows", async () =>
        session.lastObservedTail() === undefined ? undefined : true,
      );
      await basin.streams.delete({ stream: stream.name });
      const error = await reading;
      expect(seen).toEqual(["record", { command: "trim", trimPoint: 2n ** 64n - 1n }]);
      // The session asks again after `unavailable`, and then there is no such stream, or it is on its way.
      expect(["unavailable", "stream_deletion_pending", "stream_not_found"]).toContain(error.code);
    },
  );

  sdk("does not open on a stream that does not exist", ["code.stream_not_found"], async (ctx) => {
    const basin = await ctx.basin();
    await expectServerError(ctx.handle(basin, "missing").readSession(), "stream_not_found", 404);
  });

  sdk("reads past a trim that overtakes it", ["commands.trim"], async (ctx) => {
    const stream = await ctx.stream();
    await append(stream, "a", "b", "c");
    const session = await stream.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count += 1) await records.next();
    await stream.append(AppendRecord.trim(3));
    await append(stream, "d");
    const trim = (await settled("the trim", records.next())).value;
    expect(trim && commandOf(trim)).toMatchObject({ command: "trim" });
    expect((await settled("the record behind it", records.next())).value?.body).toBe("d");
    await records.return?.();
  });
});
