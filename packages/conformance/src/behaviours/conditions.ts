import { AppendRecord, FencingTokenMismatchError, S2Error, SeqNumMismatchError } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf, expectCode } from "../expecting.js";

export const conditions = topic("conditions", ({ sdk, raw }) => {
  sdk(
    "appends when the next sequence number is the one demanded, 0 included",
    ["conditions.seq-num"],
    async (ctx) => {
      const stream = await ctx.stream();
      expect((await stream.append({ body: "a" }, { match_seq_num: 0 })).start.seq_num).toBe(0);
      expect((await stream.append({ body: "b" }, { match_seq_num: 1 })).start.seq_num).toBe(1);
    },
  );

  sdk(
    "refuses an append at another sequence number, and tells the right one",
    ["conditions.seq-num", "error.seq-num-mismatch"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([{ body: "a" }, { body: "b" }]);
      for (const match_seq_num of [0, 1, 3]) {
        const error = await errorOf(stream.append({ body: "c" }, { match_seq_num }));
        expect(error).toBeInstanceOf(SeqNumMismatchError);
        expect(error).toBeInstanceOf(S2Error);
        expect((error as SeqNumMismatchError).expectedSeqNum).toBe(2);
        expect(error).toMatchObject({
          status: 412,
          code: "APPEND_CONDITION_FAILED",
          origin: "server",
          sideEffect: "none",
        });
        expect(error.message).toContain("2");
      }
      expect((await stream.checkTail()).tail.seq_num).toBe(2);
    },
  );

  sdk(
    "refuses an append under another token, and tells the current one",
    ["conditions.fencing", "error.fencing-mismatch"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append(AppendRecord.fence("mine"));
      const error = await errorOf(stream.append({ body: "a" }, { fencing_token: "yours" }));
      expect(error).toBeInstanceOf(FencingTokenMismatchError);
      expect((error as FencingTokenMismatchError).expectedFencingToken).toBe("mine");
      expect(error).toMatchObject({ status: 412, code: "APPEND_CONDITION_FAILED", sideEffect: "none" });
      expect((await stream.append({ body: "a" }, { fencing_token: "mine" })).start.seq_num).toBe(1);
    },
  );

  sdk("does not check an append without a token", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(AppendRecord.fence("mine"));
    expect((await stream.append({ body: "a" })).start.seq_num).toBe(1);
  });

  sdk("takes the empty token for: unfenced", ["conditions.fencing"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append({ body: "a" }, { fencing_token: "" });
    await stream.append(AppendRecord.fence("mine"), { fencing_token: "" });
    const error = await errorOf(stream.append({ body: "b" }, { fencing_token: "" }));
    expect((error as FencingTokenMismatchError).expectedFencingToken).toBe("mine");
    await stream.append(AppendRecord.fence(""), { fencing_token: "mine" });
    await stream.append({ body: "c" }, { fencing_token: "" });
  });

  sdk("checks the token before the sequence number", ["conditions.order"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(AppendRecord.fence("mine"));
    const both = await errorOf(stream.append({ body: "a" }, { fencing_token: "yours", match_seq_num: 9 }));
    expect(both).toBeInstanceOf(FencingTokenMismatchError);
    const one = await errorOf(stream.append({ body: "a" }, { fencing_token: "mine", match_seq_num: 9 }));
    expect(one).toBeInstanceOf(SeqNumMismatchError);
  });

  sdk("lets one of many writers of the same place win", ["conditions.seq-num"], async (ctx) => {
    const stream = await ctx.stream();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, writer) => stream.append({ body: String(writer) }, { match_seq_num: 0 })),
    );
    const won = outcomes.filter(({ status }) => status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(SeqNumMismatchError);
    }
    expect((await stream.checkTail()).tail.seq_num).toBe(1);
  });

  sdk("takes a token of 36 bytes", ["names.fencing-token"], async (ctx) => {
    const stream = await ctx.stream();
    for (const token of ["x".repeat(36), "é".repeat(18)]) {
      await stream.append(AppendRecord.fence(token));
      await stream.append({ body: "a" }, { fencing_token: token });
    }
  });

  raw(
    "answers a failed condition with 412 and nothing but the state",
    ["error.seq-num-mismatch", "error.fencing-mismatch"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.appended("a", "b");
      const bySeqNum = await stream.append({ records: [{}], match_seq_num: 5 });
      expect([bySeqNum.status, bySeqNum.headers["content-type"], bySeqNum.text]).toEqual([
        412,
        "application/json",
        '{"seq_num_mismatch":2}',
      ]);
      const byToken = await stream.append({ records: [{}], fencing_token: "x", match_seq_num: 5 });
      expect([byToken.status, byToken.text]).toEqual([412, '{"fencing_token_mismatch":""}']);
    },
  );

  raw("refuses a token of 37 bytes", ["names.fencing-token", "code.bad_json"], async (ctx) => {
    const stream = await ctx.stream();
    expectCode(await stream.append({ records: [{}], fencing_token: "x".repeat(37) }), 400, "bad_json");
    expectCode(await stream.append({ records: [{}], fencing_token: "é".repeat(19) }), 400, "bad_json");
  });
});
