import { type AppendSessionOptions, Producer, type S2Stream } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf } from "../expecting.js";
import { settled } from "../waiting.js";

const RECORDS = 2500;
/** Longer than any test: what is sent before it was sent without it. */
const NEVER = 10_000_000;

const bodies = (count: number): string[] => Array.from({ length: count }, (_, index) => `record ${index}`);

async function log(stream: S2Stream, count: number): Promise<string[]> {
  return (await all(await stream.readSession({ seq_num: 0, count }))).map(({ body }) => body);
}

export const producing = topic("producing", ({ sdk }) => {
  for (const [how, options] of [
    ["", {}],
    [", also in exactly-once mode", { exactlyOnce: true }],
  ] as [string, AppendSessionOptions][]) {
    sdk(
      `gives each record its own sequence number, in the order of the calls${how}`,
      ["sdk.producer", "s2s.append"],
      async (ctx) => {
        const stream = await ctx.stream();
        const producer = new Producer({ lingerDurationMillis: NEVER }, await stream.appendSession(options));
        const acks = bodies(RECORDS).map((body) => producer.submit({ body }));
        await settled("close", producer.close());
        const results = await Promise.all(acks);
        expect(results.map(({ seq_num }) => seq_num)).toEqual(bodies(RECORDS).map((_, index) => index));
        expect(new Set(results.map(({ ack }) => ack)).size).toBe(Math.ceil(RECORDS / 1000));
        expect(await log(stream, RECORDS)).toEqual(bodies(RECORDS));
      },
    );
  }

  sdk("sends what it has when the linger is over", ["sdk.producer"], async (ctx) => {
    const stream = await ctx.stream();
    await using producer = new Producer({ lingerDurationMillis: 1 }, await stream.appendSession());
    expect(await settled("an ack", producer.submit({ body: "a" }))).toMatchObject({
      seq_num: 0,
      ack: { start: { seq_num: 0 }, end: { seq_num: 1 } },
    });
  });

  sdk("makes everything durable on a flush, and goes on", ["sdk.producer"], async (ctx) => {
    const stream = await ctx.stream();
    const producer = new Producer({ lingerDurationMillis: NEVER }, await stream.appendSession());
    for (let round = 1; round <= 3; round += 1) {
      const tickets = await Promise.all([producer.enqueue({ body: "a" }), producer.enqueue({ body: "b" })]);
      await settled("a flush", producer.flush());
      expect((await stream.checkTail()).tail.seq_num).toBe(2 * round);
      const last = await Promise.all(tickets.map((ticket) => ticket.ack()));
      expect(last.map(({ seq_num }) => seq_num)).toEqual([2 * round - 2, 2 * round - 1]);
    }
    await settled("close", producer.close());
  });

  sdk("pipes records in and results out", ["sdk.producer"], async (ctx) => {
    const stream = await ctx.stream();
    const producer = new Producer(
      { maxBatchRecords: 7, lingerDurationMillis: NEVER },
      await stream.appendSession({ maxInflightBatches: 2 }),
    );
    const results = all(producer.readable);
    const source = new ReadableStream({
      start(controller) {
        for (const body of bodies(100)) controller.enqueue({ body });
        controller.close();
      },
    });
    await settled("the pipe", source.pipeTo(producer.writable));
    expect((await results).map(({ seq_num }) => seq_num)).toEqual(bodies(100).map((_, index) => index));
    expect(await log(stream, 100)).toEqual(bodies(100));
  });

  sdk(
    "ends with one error for all when a condition fails",
    ["sdk.producer", "conditions.seq-num", "sdk.session-failures"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ body: "somebody else" });
      const producer = new Producer(
        { maxBatchRecords: 2, match_seq_num: 0, lingerDurationMillis: NEVER },
        await stream.appendSession(),
      );
      const failures = ["a", "b", "c"].map((body) => errorOf(producer.submit({ body })));
      const mismatch = { status: 412, expectedSeqNum: 1 };
      expect(await errorOf(producer.flush())).toMatchObject(mismatch);
      for (const failure of await Promise.all(failures)) expect(failure).toMatchObject(mismatch);
      expect(await errorOf(producer.submit({ body: "d" }))).toMatchObject(mismatch);
      expect(await errorOf(producer.close())).toBe(producer.failureCause());
      expect((await stream.checkTail()).tail.seq_num).toBe(1);
    },
  );

  sdk("refuses a bad record alone", ["sdk.producer", "sdk.refusals"], async (ctx) => {
    const stream = await ctx.stream();
    const producer = new Producer({ lingerDurationMillis: NEVER }, await stream.appendSession());
    const first = producer.submit({ body: "a" });
    const bad = errorOf(producer.submit({ body: "x".repeat(1_048_569) }));
    const last = producer.submit({ body: "b" });
    await settled("close", producer.close());
    expect(await bad).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect([(await first).seq_num, (await last).seq_num]).toEqual([0, 1]);
  });
});
