import { type AppendAck, S2Error, type StreamConfig } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf, expectCode, expectServerError } from "../expecting.js";
import { freshStreamName } from "../names.js";
import { eventually } from "../waiting.js";

export const autoCreating = topic("auto-creating", ({ sdk, raw }) => {
  sdk(
    "creates a missing stream on append, with the basin's defaults",
    ["auto-create.append"],
    async (ctx) => {
      const basin = await ctx.basin({
        create_stream_on_append: true,
        default_stream_config: { retention_policy: { age: 77 } },
      });
      expect((await ctx.handle(basin, "unary").append({ body: "a" })).start.seq_num).toBe(0);
      const session = await ctx.handle(basin, "session").appendSession();
      expect((await session.submit({ body: "a" })).start.seq_num).toBe(0);
      await session.close();
      for (const stream of ["unary", "session"]) {
        expect((await basin.streams.getConfig({ stream })).retention_policy).toEqual({ age: 77 });
      }
    },
  );

  sdk(
    "creates a missing stream for a session of exactly-once mode, if that is allowed",
    ["auto-create.append", "code.stream_not_found"],
    async (ctx) => {
      const basin = await ctx.basin({ create_stream_on_append: true });
      const session = await ctx.handle(basin, "new").appendSession({ exactlyOnce: true });
      const acks = [session.submit({ body: "a" }), session.submit({ body: "b" })];
      expect((await Promise.all(acks)).map(({ start }) => start.seq_num)).toEqual([0, 1]);
      await session.close();
      const other = await ctx.handle(await ctx.basin(), "new").appendSession({ exactlyOnce: true });
      await expectServerError(other.submit({ body: "a" }), "stream_not_found", 404);
    },
  );

  sdk(
    "creates it with the configuration that came along, laid over the basin's default",
    ["auto-create.config"],
    async (ctx) => {
      const basin = await ctx.basin({
        create_stream_on_append: true,
        create_stream_on_read: true,
        default_stream_config: { timestamping: { mode: "arrival" } },
      });
      const streamConfig: StreamConfig = {
        retention_policy: { age: 3600 },
        delete_on_empty: { min_age_secs: 9 },
      };
      await ctx.handle(basin, "append").append({ body: "a" }, { streamConfig });
      const writing = await ctx.handle(basin, "append-session").appendSession({ streamConfig });
      await writing.submit({ body: "a" });
      await writing.close();
      await errorOf(ctx.handle(basin, "read").read({ seq_num: 0, streamConfig }));
      await (await ctx.handle(basin, "read-session").readSession({ seq_num: 0, streamConfig })).cancel();
      for (const stream of ["append", "append-session", "read", "read-session"]) {
        expect(await basin.streams.getConfig({ stream }), stream).toMatchObject({
          ...streamConfig,
          timestamping: { mode: "arrival" },
        });
      }
    },
  );

  sdk("leaves the configuration of a stream that is there alone", ["auto-create.config"], async (ctx) => {
    const basin = await ctx.basin({ create_stream_on_append: true });
    const stream = await ctx.streamIn(basin, { retention_policy: { age: 60 } });
    await stream.append({ body: "a" }, { streamConfig: { retention_policy: { infinite: {} } } });
    expect(await basin.streams.getConfig({ stream: stream.name })).toMatchObject({
      retention_policy: { age: 60 },
    });
  });

  sdk(
    "creates no stream on read where that is not allowed",
    ["auto-create.append", "code.stream_not_found"],
    async (ctx) => {
      const basin = await ctx.basin({ create_stream_on_append: true });
      const missing = ctx.handle(basin, "missing");
      await expectServerError(missing.read({ seq_num: 0 }), "stream_not_found", 404);
      await expectServerError(missing.checkTail(), "stream_not_found", 404);
      await expectServerError(missing.readSession(), "stream_not_found", 404);
      expect((await basin.streams.list()).streams).toEqual([]);
    },
  );

  sdk("creates a missing stream on read, session and check-tail", ["auto-create.read"], async (ctx) => {
    const basin = await ctx.basin({ create_stream_on_read: true });
    expect(await ctx.handle(basin, "tail").checkTail()).toEqual({ tail: { seq_num: 0, timestamp: 0 } });
    expect(await errorOf(ctx.handle(basin, "read").read({ seq_num: 0 }))).toMatchObject({ status: 416 });
    await (await ctx.handle(basin, "session").readSession()).cancel();
    expect((await basin.streams.list()).streams.map(({ name }) => name)).toEqual(["read", "session", "tail"]);
    await expectServerError(ctx.handle(basin, "other").append({ body: "a" }), "stream_not_found", 404);
  });

  sdk(
    "creates it once for many at the same time, who all succeed by trying again",
    ["auto-create.once", "code.transaction_conflict"],
    async (ctx) => {
      const basin = await ctx.basin({ create_stream_on_append: true });
      const patient = ctx.connect({
        retry: { maxAttempts: 50, minBaseDelayMillis: 5, maxBaseDelayMillis: 50 },
      });
      const stream = ctx.handle(patient.basin(basin.name), "new");
      const append = (body: string): Promise<AppendAck> =>
        stream
          .append({ body })
          .catch((error: unknown) => (isTooEarly(error) ? append(body) : Promise.reject(error)));
      const acks = await Promise.all(Array.from({ length: 20 }, (_, index) => append(String(index))));
      expect(acks.map(({ start }) => start.seq_num).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, index) => index),
      );
    },
  );

  sdk(
    "tells of a conflict where it may not try again",
    ["auto-create.once", "code.transaction_conflict"],
    async (ctx) => {
      const basin = await ctx.basin({ create_stream_on_append: true });
      const hasty = ctx.connect({ retry: { maxAttempts: 1 } });
      const stream = ctx.handle(hasty.basin(basin.name), "new");
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, () => stream.append({ body: "a" })),
      );
      const failures = outcomes.flatMap((outcome) =>
        outcome.status === "rejected" ? [outcome.reason as S2Error] : [],
      );
      expect(failures.length).toBeLessThan(20);
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(S2Error);
        if (isTooEarly(failure)) continue;
        expect(failure).toMatchObject({
          code: "transaction_conflict",
          status: 409,
          retryable: true,
          sideEffect: "none",
        });
      }
      expect((await stream.checkTail()).tail.seq_num).toBe(20 - failures.length);
    },
  );

  sdk("keeps the stream when the append itself fails", ["auto-create.stays"], async (ctx) => {
    const basin = await ctx.basin({ create_stream_on_append: true });
    expect(
      await errorOf(ctx.handle(basin, "kept").append({ body: "a" }, { match_seq_num: 5 })),
    ).toMatchObject({ status: 412 });
    expect((await basin.streams.list()).streams.map(({ name }) => name)).toEqual(["kept"]);
  });

  raw(
    "lets first requests at the same time conflict, but for one",
    ["auto-create.once", "code.transaction_conflict"],
    async (ctx) => {
      const basin = await ctx.basin({ create_stream_on_append: true });
      const conflict = await eventually("two first requests have met", async () => {
        const stream = ctx.routes(basin, freshStreamName());
        const answers = await Promise.all(Array.from({ length: 20 }, () => stream.append({ records: [{}] })));
        expect(answers.filter(({ status }) => status === 200)).not.toHaveLength(0);
        return answers.find(({ status }) => status === 409);
      });
      expectCode(conflict, 409, "transaction_conflict");
    },
  );

  raw("creates nothing for a malformed request", ["auto-create.stays"], async (ctx) => {
    const basin = await ctx.basin({ create_stream_on_append: true, create_stream_on_read: true });
    const stream = ctx.routes(basin, "missing");
    expectCode(await stream.append("{"), 400, "bad_json");
    expectCode(await stream.append({ records: [{ body: 5 }] }), 400, "bad_json");
    expectCode(await stream.read("timestamp=5&until=5"), 422, "invalid");
    expectCode(await stream.read("seq_num=x"), 400, "bad_query");
    const listed = await ctx.http.get("/v1/streams", { "s2-basin": basin });
    expect(listed.json()).toEqual({ streams: [], has_more: false });
  });

  raw(
    "lays the configuration in the header over the basin's default",
    ["auto-create.config"],
    async (ctx) => {
      const basin = await ctx.basin({
        create_stream_on_append: true,
        create_stream_on_read: true,
        default_stream_config: { storage_class: "standard", retention_policy: { age: 5 } },
      });
      const header = {
        "s2-stream-config": '{"retention_policy":{"age":3600},"timestamping":{"uncapped":true}}',
      };
      const appended = ctx.routes(basin, "by-append");
      expect((await appended.append({ records: [{}] }, header)).status).toBe(200);
      const read = ctx.routes(basin, "by-read");
      expect((await read.read("count=0", header)).status).toBe(200);
      const session = ctx.routes(basin, "by-session");
      const opened = await session.appendSession(header);
      opened.finish();
      expect(await opened.next()).toBeUndefined();
      for (const { path } of [appended, read, session]) {
        expect((await ctx.http.get(path, { "s2-basin": basin })).json()).toEqual({
          storage_class: "standard",
          retention_policy: { age: 3600 },
          timestamping: { mode: "client-prefer", uncapped: true },
          delete_on_empty: { min_age_secs: 0 },
        });
      }
    },
  );

  raw(
    "checks that configuration also when the stream exists, and leaves the stream as it is",
    ["auto-create.config", "code.bad_header"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.appended("a");
      for (const value of [
        "{",
        "",
        "[]",
        "null",
        '{"retention_policy":{"age":0}}',
        '{"timestamping":{"mode":"x"}}',
        "not json",
      ]) {
        const header = { "s2-stream-config": value };
        const answers = [
          await stream.append({ records: [{}] }, header),
          await stream.read("seq_num=0", header),
          await stream.read("seq_num=0", { ...header, accept: "text/event-stream" }),
          await stream.read("seq_num=0", { ...header, "content-type": "s2s/proto" }),
        ];
        for (const answer of answers) {
          expect([value, answer.status]).toEqual([value, 400]);
          expectCode(answer, 400, "bad_header");
        }
      }
      const own = { "s2-basin": stream.basin };
      expect(
        (await stream.append({ records: [{}] }, { "s2-stream-config": '{"storage_class":"standard"}' }))
          .status,
      ).toBe(200);
      expect((await ctx.http.get(stream.path, own)).json()).toMatchObject({ storage_class: "express" });
      // Checking the tail does not look at it.
      expect((await ctx.http.get(`${stream.records}/tail`, { ...own, "s2-stream-config": "{" })).status).toBe(
        200,
      );
    },
  );
});

/**
 * s2-lite 0.43.4 answers a few first requests of a thousand with 404 instead of a conflict, when the stream comes into
 * being between two of its looks. No SDK retries that, and rightly.
 */
function isTooEarly(error: unknown): boolean {
  return error instanceof S2Error && error.code === "stream_not_found";
}
