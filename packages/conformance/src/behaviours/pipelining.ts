import { type AppendAck, AppendRecord, BatchTransform } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf, take } from "../expecting.js";
import { settled } from "../waiting.js";

const MIB = 1024 * 1024;

export const pipelining = topic("pipelining", ({ sdk }) => {
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
