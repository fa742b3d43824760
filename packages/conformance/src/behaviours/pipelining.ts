import {
  type AppendAck,
  AppendRecord,
  type AppendSession,
  BatchTransform,
  FencingTokenMismatchError,
  S2Error,
  SeqNumMismatchError,
} from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf, expectServerError, take } from "../expecting.js";
import { settled } from "../waiting.js";

const MIB = 1024 * 1024;

/** What a close rejects with, if it does. */
async function closingError(session: AppendSession): Promise<S2Error | undefined> {
  try {
    await settled("the close", session.close());
    return undefined;
  } catch (error) {
    if (error instanceof S2Error) return error;
    throw error;
  }
}

export const pipelining = topic("pipelining", ({ sdk }) => {
  sdk("lets a client close whose pipelined appends were refused", ["sdk.closing"], async (ctx) => {
    const basin = await ctx.basin();
    const stream = await ctx.streamIn(basin);
    await stream.append({ body: "first" });
    const client = ctx.connect();
    const session = await ctx.handle(client.basin(basin.name), stream.name).appendSession();
    const batch = Array.from({ length: 100 }, () => ({ body: "x".repeat(1000) }));
    const refused = await Promise.allSettled(
      Array.from({ length: 5 }, (_, index) => session.submit(batch, { match_seq_num: index * 100 })),
    );
    expect(refused.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
    await settled("closing the client", client.close());
  });

  sdk(
    "acknowledges many batches in order, each with its own positions",
    ["s2s.append", "records.atomic"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      const acks = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          session.submit([{ body: `${index}a` }, { body: `${index}b` }]),
        ),
      );
      expect(acks.map(({ start, end }) => [start.seq_num, end.seq_num])).toEqual(
        Array.from({ length: 200 }, (_, index) => [2 * index, 2 * index + 2]),
      );
      expect(session.lastAckedPosition()).toEqual(acks[199]);
      await session.close();
      const { records } = await stream.read({ seq_num: 0 });
      expect(records.map(({ body }) => body)).toEqual(
        Array.from({ length: 200 }, (_, index) => [`${index}a`, `${index}b`]).flat(),
      );
    },
  );

  sdk(
    "touches no network until the first batch, which finds out what is wrong",
    ["s2s.open-failure", "sdk.session-failures"],
    async (ctx) => {
      const basin = await ctx.basin();
      const session = await ctx.handle(basin, "missing").appendSession();
      expect(session.failureCause()).toBeUndefined();
      const error = await expectServerError(session.submit({ body: "a" }), "stream_not_found", 404);
      expect(error.sideEffect).toBe("none");
      expect((await closingError(session))?.code).toBe("stream_not_found");
      expect(session.failureCause()?.code).toBe("stream_not_found");
      expect((await errorOf(session.submit({ body: "b" }))).code).toBe("stream_not_found");
    },
  );

  sdk(
    "closes without a batch, more than once, and takes none afterwards",
    ["s2s.empty-session"],
    async (ctx) => {
      const session = await (await ctx.stream()).appendSession();
      await session.close();
      await session.close();
      expect(await errorOf(session.submit({ body: "a" }))).toMatchObject({
        code: "SESSION_CLOSED",
        sideEffect: "none",
      });
    },
  );

  sdk("waits at its close for everything submitted", ["s2s.half-close"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    const submitted = Array.from({ length: 50 }, (_, index) => session.submit({ body: String(index) }));
    await session.close();
    const acks = await Promise.all(submitted);
    expect(acks[49]?.end.seq_num).toBe(50);
    expect((await stream.checkTail()).tail.seq_num).toBe(50);
  });

  sdk("pipelines conditional batches", ["conditions.seq-num"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    const acks = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        session.submit([{ body: "a" }, { body: "b" }], { match_seq_num: 2 * index }),
      ),
    );
    expect(acks[49]?.end.seq_num).toBe(100);
    await session.close();
  });

  sdk(
    "fails every batch from the first mismatch on, and none before it",
    ["s2s.append-failure", "sdk.session-failures", "error.seq-num-mismatch"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      const submitted = [
        session.submit({ body: "good" }, { match_seq_num: 0 }),
        session.submit({ body: "bad" }, { match_seq_num: 7 }),
        session.submit({ body: "behind" }),
        session.submit({ body: "behind it" }, { match_seq_num: 1 }),
      ];
      const [good, bad, ...behind] = await settled("all outcomes", Promise.allSettled(submitted));
      expect(good?.status).toBe("fulfilled");
      expect(bad).toMatchObject({ status: "rejected", reason: { expectedSeqNum: 1, status: 412 } });
      expect((bad as PromiseRejectedResult).reason).toBeInstanceOf(SeqNumMismatchError);
      for (const outcome of behind) expect(outcome.status).toBe("rejected");
      expect(await closingError(session)).toBeInstanceOf(SeqNumMismatchError);
      expect(session.failureCause()).toBeInstanceOf(SeqNumMismatchError);
      expect((await stream.read({ seq_num: 0 })).records.map(({ body }) => body)).toEqual(["good"]);
    },
  );

  sdk(
    "ends when another writer fences it off",
    ["conditions.fencing", "error.fencing-mismatch"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession();
      await session.submit(AppendRecord.fence("old"), { fencing_token: "" });
      await session.submit({ body: "a" }, { fencing_token: "old" });
      await stream.append(AppendRecord.fence("new"));
      const error = await errorOf(session.submit({ body: "b" }, { fencing_token: "old" }));
      expect(error).toBeInstanceOf(FencingTokenMismatchError);
      expect((error as FencingTokenMismatchError).expectedFencingToken).toBe("new");
      expect(await closingError(session)).toBeInstanceOf(FencingTokenMismatchError);
    },
  );

  sdk(
    "fails as a unary append does when the service refuses a batch",
    ["code.invalid", "s2s.append-failure"],
    async (ctx) => {
      const stream = await ctx.stream({ timestamping: { mode: "client-require" } });
      const unary = await errorOf(stream.append({ body: "a" }));
      const session = await stream.appendSession();
      const inSession = await errorOf(session.submit({ body: "a" }));
      expect({ code: inSession.code, status: inSession.status, message: inSession.message }).toEqual({
        code: unary.code,
        status: unary.status,
        message: unary.message,
      });
      await closingError(session);
    },
  );

  sdk("refuses a batch that cannot be sent by itself, and goes on", ["sdk.refusals"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    const before = session.submit({ body: "a" });
    expect(await errorOf(session.submit([]))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await errorOf(session.submit({ body: "x".repeat(MIB) }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    const after = session.submit({ body: "b" });
    expect([(await before).start.seq_num, (await after).start.seq_num]).toEqual([0, 1]);
    await session.close();
  });

  sdk("gives its acknowledgements in order, from the first look on [H-18]", ["s2s.append"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    await session.submit({ body: "before anybody looked" });
    const acks = session.acks();
    expect(session.readable).toBe(acks);
    const gathered: AppendAck[] = [];
    const gathering = (async () => {
      for await (const ack of acks) gathered.push(ack);
    })();
    for (let index = 0; index < 20; index += 1) void session.submit({ body: String(index) });
    await session.close();
    await settled("the end of the acknowledgements", gathering);
    expect(gathered.map(({ start }) => start.seq_num)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  sdk(
    "takes batches through its writable, and closes with it",
    ["s2s.append", "sdk.closing"],
    async (ctx) => {
      const stream = await ctx.stream();
      const session = await stream.appendSession({ maxInflightBatches: 2 });
      const writer = session.writable.getWriter();
      for (let index = 0; index < 30; index += 1) await writer.write({ records: [{ body: String(index) }] });
      await writer.close();
      expect((await stream.checkTail()).tail.seq_num).toBe(30);
      expect(session.lastAckedPosition()?.end.seq_num).toBe(30);
    },
  );

  sdk("makes batches of a stream of records", ["s2s.append", "conditions.seq-num"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession();
    const count = 2500;
    const records = new ReadableStream<AppendRecord>({
      start(controller) {
        for (let index = 0; index < count; index += 1) controller.enqueue(AppendRecord.make(String(index)));
        controller.close();
      },
    });
    await records
      .pipeThrough(new BatchTransform({ match_seq_num: 0, maxBatchRecords: 100 }))
      .pipeTo(session.writable);
    const read = await all(await stream.readSession({ seq_num: 0, wait: 0 }));
    expect(read.map(({ body }) => body)).toEqual(Array.from({ length: count }, (_, index) => String(index)));
  });

  sdk(
    "pipes what it reads from one stream into another, byte by byte",
    ["records.text-and-bytes", "sdk.same-records"],
    async (ctx) => {
      const from = await ctx.stream();
      const to = await ctx.stream();
      const noise = Uint8Array.from({ length: 500 }, (_, index) => (index * 7) % 256);
      await from.append(
        Array.from({ length: 30 }, (_, index) => ({
          body: noise.subarray(0, index * 16),
          headers: [[noise.subarray(1, 9), noise.subarray(0, index)]] as [Uint8Array, Uint8Array][],
          timestamp: index,
        })),
      );
      const reading = await from.readSession({ seq_num: 0, wait: 0, as: "bytes" });
      const writing = await to.appendSession();
      await reading.pipeThrough(new BatchTransform()).pipeTo(writing.writable);
      const copies = (await to.read({ seq_num: 0, as: "bytes" })).records;
      expect(copies).toEqual((await from.read({ seq_num: 0, as: "bytes" })).records);
    },
  );

  sdk("carries what is larger than its bound, waiting for room", ["s2s.append"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.appendSession({ maxInflightBytes: MIB });
    const writer = session.writable.getWriter();
    for (let index = 0; index < 12; index += 1) {
      await writer.write({ records: [{ body: new Uint8Array(MIB - 8).fill(index) }] });
    }
    await writer.close();
    expect((await stream.checkTail()).tail.seq_num).toBe(12);
    const sizes: number[][] = [];
    for await (const { body } of await stream.readSession({ seq_num: 0, wait: 0, as: "bytes" }))
      sizes.push([body.length, body[0] ?? -1]);
    expect(sizes).toEqual(Array.from({ length: 12 }, (_, index) => [MIB - 8, index]));
  });

  sdk("fixes the order with a ticket before it is durable [H-18]", ["s2s.append"], async (ctx) => {
    const session = await (await ctx.stream()).appendSession();
    const first = await session.enqueue([{ body: "a" }, { body: "b" }]);
    const second = await session.enqueue({ body: "c" });
    expect([first.numRecords, first.bytes, second.numRecords, second.bytes]).toEqual([2, 18, 1, 9]);
    expect([(await second.ack()).start.seq_num, (await first.ack()).start.seq_num]).toEqual([2, 0]);
    await session.close();
  });

  sdk(
    "serves two sessions on one stream, each in its own order",
    ["records.atomic", "conditions.seq-num"],
    async (ctx) => {
      const stream = await ctx.stream();
      const sessions = await Promise.all([stream.appendSession(), stream.appendSession()]);
      await Promise.all(
        sessions.map(async (session, writer) => {
          for (let index = 0; index < 50; index += 1)
            void session.submit([{ body: `${writer}:${index}` }, { body: `${writer}:${index}+` }]);
          await session.close();
        }),
      );
      const read = (await stream.read({ seq_num: 0 })).records.map(({ body }) => body);
      expect(read).toHaveLength(200);
      for (const writer of [0, 1]) {
        expect(read.filter((body) => body.startsWith(`${writer}:`))).toEqual(
          Array.from({ length: 50 }, (_, index) => [`${writer}:${index}`, `${writer}:${index}+`]).flat(),
        );
      }
      // Batches are not torn apart.
      for (let at = 0; at < 200; at += 2) expect(read[at + 1]).toBe(`${read[at]}+`);
    },
  );

  sdk(
    "rejects with the reason when its signal is aborted, idle or not, and appends nothing afterwards [D1-12]",
    ["sdk.abort"],
    async (ctx) => {
      const stream = await ctx.stream();
      const controller = new AbortController();
      const reason = new Error("enough");
      const session = await stream.appendSession({}, { signal: controller.signal });
      await session.submit({ body: "a" });
      controller.abort(reason);
      expect(await errorOf(session.submit({ body: "b" }))).toMatchObject({ code: "ABORTED", cause: reason });
      expect(await closingError(session)).toMatchObject({ code: "ABORTED", cause: reason });
      const aborted = stream.append({ body: "c" }, {}, { signal: AbortSignal.abort(reason) });
      expect(await errorOf(aborted)).toMatchObject({
        code: "ABORTED",
        status: 499,
        cause: reason,
        sideEffect: "none",
      });
      expect(await errorOf(stream.checkTail({ signal: AbortSignal.abort(reason) }))).toMatchObject({
        code: "ABORTED",
        cause: reason,
      });
      expect((await stream.checkTail()).tail.seq_num).toBe(1);
    },
  );

  sdk("drains when the handle it was opened through is closed", ["sdk.closing"], async (ctx) => {
    const basin = await ctx.basin();
    const stream = await ctx.streamIn(basin);
    const session = await stream.appendSession();
    const submitted = session.submit({ body: "a" });
    await settled("closing the handle", stream.close());
    expect((await submitted).end.seq_num).toBe(1);
    expect((await errorOf(session.submit({ body: "b" }))).code).toBe("SESSION_CLOSED");
    expect((await errorOf(stream.append({ body: "c" }))).code).toBe("SESSION_CLOSED");
    expect((await ctx.handle(basin, stream.name).append({ body: "d" })).start.seq_num).toBe(1);
  });

  sdk("ends when its stream is deleted", ["delete.appenders"], async (ctx) => {
    const basin = await ctx.basin();
    const stream = await ctx.streamIn(basin);
    const session = await stream.appendSession();
    await session.submit({ body: "a" });
    await basin.streams.delete({ stream: stream.name });
    const error = await errorOf(session.submit({ body: "b" }));
    // Once `unavailable` was said the batch may have landed, whatever a further attempt meets.
    const said = error.code === "OUTCOME_UNKNOWN" ? (error.cause as S2Error).code : error.code;
    expect(["unavailable", "stream_deletion_pending", "stream_not_found"]).toContain(said);
    expect(await closingError(session)).toBeInstanceOf(S2Error);
  });

  sdk(
    "shows a writer's records to a reader as they become durable",
    ["read.session-follow", "s2s.append"],
    async (ctx) => {
      const stream = await ctx.stream();
      const reader = take(await stream.readSession({ seq_num: 0 }), 300);
      const session = await stream.appendSession();
      for (let index = 0; index < 300; index += 1) void session.submit({ body: String(index) });
      await session.close();
      expect((await reader).map(({ body }) => body)).toEqual(
        Array.from({ length: 300 }, (_, index) => String(index)),
      );
    },
  );
});
