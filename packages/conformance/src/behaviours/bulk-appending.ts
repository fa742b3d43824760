import type { AppendRecordInput } from "@s2-dev/streamstore";
import { collect } from "@s2-dev/streamstore-patterns/reading";
import { AppendAllError, type AppendProgress, appendAll } from "@s2-dev/streamstore-patterns/writing";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { numbered } from "../texts.js";
import { eventually, settled } from "../waiting.js";

async function failureOf(promise: Promise<unknown>): Promise<AppendAllError> {
  const error = await settled(
    "a failure",
    promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    ),
  );
  expect(error).toBeInstanceOf(AppendAllError);
  return error as AppendAllError;
}

export const bulkAppending = topic("bulk-appending", ({ sdk }) => {
  sdk("appends a source of any length and of mixed sizes, in order", ["records.append"], async (ctx) => {
    const stream = await ctx.stream();
    const source = Array.from({ length: 5000 }, (_, index) => ({
      body: `${index} `.padEnd(index % 100 === 0 ? 60_000 : 20, "x"),
      headers: { index: `${index}` },
    }));
    const told: AppendProgress[] = [];
    const result = await appendAll(stream, source, { onProgress: (progress) => told.push(progress) });
    expect(result).toMatchObject({ records: 5000, start: { seq_num: 0 }, end: { seq_num: 5000 } });
    expect(told.length).toBe(result.batches);
    expect(told.map(({ records }) => records)).toEqual(
      told.map(({ records }) => records).sort((a, b) => a - b),
    );
    const read = await collect(stream);
    expect(read.map(({ body, headers }) => [body, headers.index])).toEqual(
      source.map(({ body, headers }) => [body, headers.index]),
    );
  });

  sdk(
    "appends what an async source gives, through a session that stays open",
    ["records.append"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      const source = async function* (from: number): AsyncGenerator<AppendRecordInput> {
        for (let index = from; index < from + 100; index += 1) {
          if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
          yield { body: `${index}` };
        }
      };
      await appendAll(session, source(0));
      const second = await appendAll(session, source(100), { match_seq_num: 100 });
      expect(second).toMatchObject({ records: 100, start: { seq_num: 100 }, end: { seq_num: 200 } });
      await session.close();
      expect((await collect(stream)).map(({ body }) => body)).toEqual(numbered(200).map(({ body }) => body));
    },
  );

  sdk(
    "moves its expected place on, and says what is durable when it is taken",
    ["conditions.seq-num"],
    async (ctx) => {
      const stream = await ctx.stream();
      const controlled = async function* (): AsyncGenerator<AppendRecordInput> {
        yield* numbered(4);
        // Everything so far is durable before somebody else appends.
        await eventually("four records are durable", async () =>
          (await stream.checkTail()).tail.seq_num === 4 ? true : undefined,
        );
        await stream.append({ body: "somebody else" });
        yield* numbered(2);
      };
      const error = await failureOf(
        appendAll(stream, controlled(), { match_seq_num: 0, maxBatchRecords: 2 }),
      );
      expect(error).toMatchObject({
        status: 412,
        progress: { records: 4, end: { seq_num: 4 } },
        uncertain: 0,
      });
      expect((await collect(stream)).map(({ body }) => body)).toEqual(["0", "1", "2", "3", "somebody else"]);
    },
  );

  sdk("is fenced like any append", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    await appendAll(stream, numbered(3), { fencing_token: "" });
    const error = await failureOf(appendAll(stream, numbered(3), { fencing_token: "mine" }));
    expect(error).toMatchObject({ status: 412, progress: { records: 0 }, uncertain: 0, sideEffect: "none" });
    expect(await collect(stream)).toHaveLength(3);
  });

  sdk("has appended exactly what came before its source failed", ["records.append"], async (ctx) => {
    const stream = await ctx.stream();
    const source = function* (): Generator<AppendRecordInput> {
      yield* numbered(1500);
      throw new Error("the disk is gone");
    };
    const error = await failureOf(appendAll(stream, source()));
    expect(error).toMatchObject({ progress: { records: 1500, end: { seq_num: 1500 } }, uncertain: 0 });
    expect(await collect(stream)).toHaveLength(1500);
  });

  sdk("lands nothing twice in exactly-once mode", ["conditions.seq-num"], async (ctx) => {
    const stream = await ctx.stream();
    await appendAll(stream, numbered(2500), { session: { exactlyOnce: true } });
    expect((await collect(stream)).map(({ body }) => body)).toEqual(numbered(2500).map(({ body }) => body));
  });
});
