import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectServerError } from "../expecting.js";

const FUTURE = 4_000_000_000_000;

/** What the wall clock may differ by between this process and the server's, in milliseconds. */
const SKEW = 60_000;

function expectNow(timestamp: number | undefined): void {
  expect(Math.abs((timestamp ?? 0) - Date.now())).toBeLessThan(SKEW);
}

export const timestamps = topic("timestamps", ({ sdk }) => {
  sdk("takes the client's timestamp, or else the arrival", ["timestamps.client-prefer"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([{ body: "a", timestamp: 0 }, { body: "b", timestamp: 1000 }, { body: "c" }]);
    const { records } = await stream.read({ seq_num: 0 });
    expect(records.map(({ timestamp }) => timestamp).slice(0, 2)).toEqual([0, 1000]);
    expectNow(records[2]?.timestamp);
  });

  sdk("gives all records of a batch one arrival", ["timestamps.client-prefer"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(Array.from({ length: 500 }, () => ({ body: "a" })));
    const { records } = await stream.read({ seq_num: 0 });
    expect(new Set(records.map(({ timestamp }) => timestamp)).size).toBe(1);
  });

  sdk(
    "refuses the whole batch when a required timestamp is missing",
    ["timestamps.client-require", "records.atomic", "code.invalid"],
    async (ctx) => {
      const stream = await ctx.stream({ timestamping: { mode: "client-require" } });
      await expectServerError(stream.append([{ body: "a", timestamp: 1 }, { body: "b" }]), "invalid", 422);
      expect((await stream.checkTail()).tail.seq_num).toBe(0);
      expect((await stream.append({ body: "a", timestamp: 1 })).start).toEqual({ seq_num: 0, timestamp: 1 });
    },
  );

  sdk("ignores the client's timestamp where the arrival counts", ["timestamps.arrival"], async (ctx) => {
    const stream = await ctx.stream({ timestamping: { mode: "arrival", uncapped: true } });
    await stream.append([
      { body: "a", timestamp: 5 },
      { body: "b", timestamp: FUTURE },
    ]);
    const { records } = await stream.read({ seq_num: 0 });
    for (const { timestamp } of records) expectNow(timestamp);
  });

  sdk("lowers a timestamp beyond the arrival to it", ["timestamps.capped"], async (ctx) => {
    const stream = await ctx.stream();
    const ack = await stream.append({ body: "a", timestamp: FUTURE });
    expectNow(ack.start.timestamp);
  });

  sdk("keeps a timestamp beyond the arrival on an uncapped stream", ["timestamps.capped"], async (ctx) => {
    const stream = await ctx.stream({ timestamping: { uncapped: true } });
    const ack = await stream.append({ body: "a", timestamp: FUTURE });
    expect(ack.start.timestamp).toBe(FUTURE);
  });

  sdk(
    "raises a timestamp that would go back, within a batch and between batches",
    ["timestamps.monotonic"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([{ timestamp: 100 }, { timestamp: 50 }, { timestamp: 200 }]);
      await stream.append([{ timestamp: 10 }, { timestamp: 200 }, { timestamp: 300 }]);
      const { records } = await stream.read({ seq_num: 0 });
      expect(records.map(({ timestamp }) => timestamp)).toEqual([100, 100, 200, 200, 200, 300]);
    },
  );

  sdk("lets nothing come before a timestamp far ahead", ["timestamps.monotonic"], async (ctx) => {
    const stream = await ctx.stream({ timestamping: { uncapped: true } });
    await stream.append({ body: "a", timestamp: FUTURE });
    expect((await stream.append({ body: "b" })).start.timestamp).toBe(FUTURE);
  });

  sdk(
    "treats new records by the new mode once it was changed",
    ["timestamps.arrival", "streams.reconfigure"],
    async (ctx) => {
      const basin = await ctx.basin();
      const stream = await ctx.streamIn(basin);
      await stream.append({ timestamp: 5 });
      await basin.streams.reconfigure({ stream: stream.name, timestamping: { mode: "arrival" } });
      expectNow((await stream.append({ timestamp: 6 })).start.timestamp);
      await basin.streams.reconfigure({ stream: stream.name, timestamping: { mode: "client-require" } });
      await expectServerError(stream.append({ body: "x" }), "invalid", 422);
    },
  );

  sdk(
    "names a timestamp that no number holds, or saturates it on request",
    ["api.u64", "sdk.same-records"],
    async (ctx) => {
      const stream = await ctx.stream({ timestamping: { uncapped: true } });
      const largest = 2n ** 64n - 1n;
      await stream.append([
        { body: "a", timestamp: 1 },
        { body: "b", timestamp: largest },
      ]);
      await expect(stream.read({ seq_num: 0 })).rejects.toMatchObject({
        code: "UNSAFE_INTEGER",
        message: expect.stringContaining(String(largest)),
      });
      const saturated = await stream.read({ seq_num: 0, unsafeTimestamps: "saturate" });
      expect(saturated.records.map(({ timestamp }) => timestamp)).toEqual([1, Number.MAX_SAFE_INTEGER]);
      const session = await stream.readSession({ seq_num: 0, wait: 0 });
      const seen: string[] = [];
      await expect(
        (async () => {
          for await (const { body } of session) seen.push(body);
        })(),
      ).rejects.toMatchObject({ code: "UNSAFE_INTEGER", message: expect.stringContaining(String(largest)) });
      expect(seen).toEqual(["a"]);
      expect(session.nextReadPosition()?.seq_num).toBe(1);
    },
  );
});
