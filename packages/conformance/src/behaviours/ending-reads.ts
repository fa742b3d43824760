import { commandOf, type ReadSession } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf } from "../expecting.js";
import { appendTexts, bodiesOf } from "../texts.js";
import { eventually, settled } from "../waiting.js";

export const endingReads = topic("ending-reads", ({ sdk }) => {
  sdk("refuses to open at the tail with a limit and nothing to wait for", ["read.at-tail"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a");
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
      expect(bodiesOf(await all(await stream.readSession({ seq_num: 0, count: 2 })))).toEqual(["1", "2"]);
      expect(bodiesOf(await all(await stream.readSession({ seq_num: 0, bytes: 20 })))).toEqual(["1", "2"]);
      expect(bodiesOf(await all(await stream.readSession({ seq_num: 0, bytes: 5 })))).toEqual([]);
      expect(bodiesOf(await all(await stream.readSession({ seq_num: 0, until: 30 })))).toEqual(["1", "2"]);
      expect(
        bodiesOf(await all(await stream.readSession({ seq_num: 0, count: 3, bytes: 9, until: 40 }))),
      ).toEqual(["1"]);
      // With a limit and no wait it ends at the tail, too.
      expect(bodiesOf(await all(await stream.readSession({ seq_num: 0, count: 50 })))).toEqual([
        "1",
        "2",
        "3",
        "4",
      ]);
    },
  );

  sdk("ends at once at a limit of 0", ["read.exhausted-limit"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a");
    for (const limit of [{ count: 0 }, { bytes: 0 }]) {
      expect(await all(await stream.readSession({ seq_num: 0, ...limit }))).toEqual([]);
      expect(await all(await stream.readSession({ seq_num: 99, ...limit }))).toEqual([]);
      expect(await all(await stream.readSession(limit))).toEqual([]);
    }
  });

  sdk("counts live records towards its limit", ["read.session-limits", "read.session-wait"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a");
    const session = await stream.readSession({ seq_num: 0, count: 3, wait: 60 });
    const records = all(session);
    await appendTexts(stream, "b");
    await appendTexts(stream, "c", "d");
    expect(bodiesOf(await records)).toEqual(["a", "b", "c"]);
    expect(session.nextReadPosition()?.seq_num).toBe(3);
  });

  sdk("reads to the tail and ends when it may not wait", ["read.session-catch-up"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a", "b");
    expect(bodiesOf(await all(await stream.readSession({ seq_num: 0, wait: 0 })))).toEqual(["a", "b"]);
    expect(await all(await stream.readSession({ seq_num: 2, wait: 0 }))).toEqual([]);
  });

  sdk("ends when nothing has come for as long as it waits", ["read.session-wait"], async (ctx) => {
    const stream = await ctx.stream();
    await appendTexts(stream, "a");
    const session = await stream.readSession({ seq_num: 0, wait: 1 });
    expect(bodiesOf(await all(session))).toEqual(["a"]);
    expect(session.lastObservedTail()?.seq_num).toBe(1);
  });

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
    await appendTexts(stream, "a", "b");
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
});
