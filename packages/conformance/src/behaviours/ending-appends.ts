import {
  AppendRecord,
  type AppendSession,
  FencingTokenMismatchError,
  S2Error,
  SeqNumMismatchError,
} from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf, expectServerError } from "../expecting.js";
import { settled } from "../waiting.js";

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

export const endingAppends = topic("ending-appends", ({ sdk }) => {
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
});
