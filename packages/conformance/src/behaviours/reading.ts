import { AppendRecord, RangeNotSatisfiableError } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf, expectCode, expectServerError } from "../expecting.js";
import { nothingLeft } from "../stream-waits.js";
import { withTenRecords } from "../texts.js";

const bodies = (batch: { records: readonly { body: string }[] }): string[] =>
  batch.records.map(({ body }) => body);

export const reading = topic("reading", ({ sdk, raw }) => {
  sdk("starts at a sequence number, 0 included", ["read.start-seq-num"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    expect(bodies(await stream.read({ seq_num: 0 }))).toHaveLength(10);
    expect(bodies(await stream.read({ seq_num: 7 }))).toEqual(["7", "8", "9"]);
  });

  sdk("starts at the first record of a timestamp or a later one", ["read.start-timestamp"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    expect(bodies(await stream.read({ timestamp: 0 }))).toHaveLength(10);
    expect(bodies(await stream.read({ timestamp: 800 }))).toEqual(["7", "8", "9"]);
    expect(bodies(await stream.read({ timestamp: 801 }))).toEqual(["8", "9"]);
    expect(bodies(await stream.read({ timestamp: 1000 }))).toEqual(["9"]);
  });

  sdk("starts at the first of several records of one timestamp", ["read.start-timestamp"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([
      { body: "a", timestamp: 1 },
      { body: "b", timestamp: 2 },
      { body: "c", timestamp: 2 },
    ]);
    expect(bodies(await stream.read({ timestamp: 2 }))).toEqual(["b", "c"]);
  });

  sdk(
    "starts so many records before the tail, and at the first when there are fewer",
    ["read.start-tail-offset"],
    async (ctx) => {
      const stream = await withTenRecords(await ctx.stream());
      expect(bodies(await stream.read({ tail_offset: 3 }))).toEqual(["7", "8", "9"]);
      expect(bodies(await stream.read({ tail_offset: 10 }))).toHaveLength(10);
      expect(bodies(await stream.read({ tail_offset: 5000 }))).toHaveLength(10);
    },
  );

  sdk(
    "starts at the tail when no start is given",
    ["read.start-tail-offset", "read.at-tail"],
    async (ctx) => {
      const stream = await withTenRecords(await ctx.stream());
      const error = await errorOf(stream.read());
      expect(error).toBeInstanceOf(RangeNotSatisfiableError);
      expect(await stream.read({ wait: 1 })).toEqual({ records: [] });
    },
  );

  sdk(
    "refuses a start beyond the tail, and tells the tail",
    ["read.beyond-tail", "error.range"],
    async (ctx) => {
      const stream = await withTenRecords(await ctx.stream());
      for (const start of [{ seq_num: 11 }, { seq_num: Number.MAX_SAFE_INTEGER }, { timestamp: 1001 }]) {
        const error = await errorOf(stream.read({ ...start, wait: 5 }));
        expect(error).toBeInstanceOf(RangeNotSatisfiableError);
        expect((error as RangeNotSatisfiableError).tail).toEqual({ seq_num: 10, timestamp: 1000 });
        expect(error).toMatchObject({ status: 416, origin: "server", sideEffect: "none" });
      }
    },
  );

  sdk("moves a start beyond the tail to it when clamped", ["read.beyond-tail"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    for (const start of [{ seq_num: 11 }, { timestamp: 5000 }]) {
      expect(await stream.read({ ...start, clamp: true, wait: 1 })).toEqual({ records: [] });
    }
  });

  sdk(
    "takes a timestamp within the tail of which no record is left for the tail",
    ["read.at-tail", "read.trimmed-start"],
    async (ctx) => {
      const stream = await withTenRecords(await ctx.stream());
      await stream.append(AppendRecord.trim(100, 1000));
      await nothingLeft(stream);
      expect(await errorOf(stream.read({ timestamp: 500 }))).toMatchObject({ status: 416 });
      expect((await stream.read({ seq_num: 3 })).records).toEqual([]);
    },
  );

  sdk("ends at once at a limit of 0, wherever it starts", ["read.exhausted-limit"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    for (const start of [{ seq_num: 0 }, { seq_num: 10 }, { seq_num: 99 }, { timestamp: 9999 }, {}]) {
      expect(await stream.read({ ...start, count: 0 })).toEqual({ records: [] });
      expect(await stream.read({ ...start, bytes: 0 })).toEqual({ records: [] });
    }
  });

  sdk("gives at most so many records", ["read.count"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    expect(bodies(await stream.read({ seq_num: 2, count: 3 }))).toEqual(["2", "3", "4"]);
    expect(bodies(await stream.read({ seq_num: 8, count: 3 }))).toEqual(["8", "9"]);
  });

  sdk("gives no record that exceeds the limit of bytes, not even the first", ["read.bytes"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    expect(bodies(await stream.read({ seq_num: 0, bytes: 8 }))).toEqual([]);
    expect(bodies(await stream.read({ seq_num: 0, bytes: 9 }))).toEqual(["0"]);
    expect(bodies(await stream.read({ seq_num: 0, bytes: 26 }))).toEqual(["0", "1"]);
  });

  sdk("ends before the first record of `until` or later", ["read.until"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    expect(bodies(await stream.read({ seq_num: 0, until: 300 }))).toEqual(["0", "1"]);
    expect(bodies(await stream.read({ seq_num: 0, until: 301 }))).toEqual(["0", "1", "2"]);
    expect(bodies(await stream.read({ seq_num: 0, until: 100 }))).toEqual([]);
    expect(bodies(await stream.read({ timestamp: 200, until: 201 }))).toEqual(["1"]);
    expect(bodies(await stream.read({ seq_num: 0, until: 99_999 }))).toHaveLength(10);
  });

  sdk("ends at whichever limit comes first", ["read.count", "read.bytes", "read.until"], async (ctx) => {
    const stream = await withTenRecords(await ctx.stream());
    expect(bodies(await stream.read({ seq_num: 0, count: 3, bytes: 18, until: 500 }))).toEqual(["0", "1"]);
    expect(bodies(await stream.read({ seq_num: 0, count: 1, bytes: 18, until: 500 }))).toEqual(["0"]);
    expect(bodies(await stream.read({ seq_num: 0, count: 5, bytes: 900, until: 150 }))).toEqual(["0"]);
  });

  sdk("gives at most 1000 records and 1 MiB", ["read.unary-caps"], async (ctx) => {
    const many = await ctx.stream();
    for (let batch = 0; batch < 2; batch += 1)
      await many.append(Array.from({ length: 600 }, () => ({ body: "x" })));
    for (const count of [undefined, 1000, 1200, 1_000_000]) {
      expect(
        (await many.read({ seq_num: 0, ...(count === undefined ? {} : { count }) })).records,
      ).toHaveLength(1000);
    }
    const large = await ctx.stream();
    for (let batch = 0; batch < 3; batch += 1) await large.append({ body: "x".repeat(400_000) });
    for (const bytes of [undefined, 2_000_000]) {
      expect(
        (await large.read({ seq_num: 0, ...(bytes === undefined ? {} : { bytes }) })).records,
      ).toHaveLength(2);
    }
  });

  raw(
    "refuses more than one start, and a timestamp that is not before `until`",
    ["read.one-start", "read.timestamp-until", "code.invalid"],
    async (ctx) => {
      const stream = await ctx.stream();
      for (const query of [
        "seq_num=0&timestamp=0",
        "seq_num=0&tail_offset=0",
        "timestamp=0&tail_offset=0",
        "seq_num=0&timestamp=0&tail_offset=0",
        "timestamp=5&until=5",
        "timestamp=6&until=5",
      ]) {
        for (const headers of [{}, { accept: "text/event-stream" }, { "content-type": "s2s/proto" }]) {
          expectCode(await stream.read(query, headers), 422, "invalid");
        }
      }
      expect((await stream.read("timestamp=5&until=6&count=0")).status).toBe(200);
    },
  );

  raw("takes exact query values only", ["read.query", "code.bad_query"], async (ctx) => {
    const stream = await ctx.stream();
    const refused = [
      ...["seq_num", "timestamp", "tail_offset", "count", "bytes", "until", "wait"].flatMap((name) =>
        ["", "x", "-1", "1.0", "1e3", "0x1", " 1", "18446744073709551616"].map(
          (value) => `${name}=${encodeURIComponent(value)}`,
        ),
      ),
      "wait=4294967296",
      "clamp=1",
      "clamp=True",
      "clamp=",
      "clamp=yes",
      "seq_num=0&seq_num=0",
      "clamp=true&clamp=true",
    ];
    for (const query of refused) {
      const response = await stream.read(query);
      expect([query, response.status]).toEqual([query, 400]);
      expectCode(response, 400, "bad_query");
    }
    await stream.appended("a");
    for (const query of [
      "seq_num=0&unknown=1",
      "seq_num=0&clamp=false",
      "seq_num=0&clamp=true",
      "seq_num=%30",
      "seq_num=00",
      "seq_num=0&",
      "seq_num=0&bytes=18446744073709551615&count=18446744073709551615&until=18446744073709551615&wait=4294967295",
    ]) {
      const response = await stream.read(query);
      expect([query, response.status]).toEqual([query, 200]);
    }
  });

  raw(
    "answers 416 with the tail and nothing else, in every mode",
    ["error.range", "read.at-tail"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append({ records: [{ timestamp: 7 }] });
      for (const headers of [
        {},
        { accept: "application/protobuf" },
        { accept: "text/event-stream" },
        { "content-type": "s2s/proto" },
      ]) {
        const response = await stream.read("seq_num=9", headers);
        expect([response.status, response.headers["content-type"], response.text]).toEqual([
          416,
          "application/json",
          '{"tail":{"seq_num":1,"timestamp":7}}',
        ]);
      }
    },
  );

  sdk("reads nothing of a stream that does not exist", ["code.stream_not_found"], async (ctx) => {
    const basin = await ctx.basin();
    await expectServerError(
      ctx.handle(basin, "missing").read({ seq_num: 0, count: 0 }),
      "stream_not_found",
      404,
    );
  });
});
