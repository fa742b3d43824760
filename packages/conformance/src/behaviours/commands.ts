import {
  AppendRecord,
  commandOf,
  type FencingTokenMismatchError,
  isCommandRecord,
} from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { errorOf, expectCode, expectServerError } from "../expecting.js";
import { firstRecord, nothingLeft } from "../stream-waits.js";

export const commands = topic("commands", ({ sdk, raw }) => {
  sdk("gives commands back like any other record", ["commands.form"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([{ body: "a" }, AppendRecord.fence("token"), AppendRecord.trim(0)]);
    const { records } = await stream.read({ seq_num: 0, as: "bytes" });
    expect(records.map(isCommandRecord)).toEqual([false, true, true]);
    expect(records.map(commandOf)).toEqual([
      undefined,
      expect.objectContaining({ command: "fence" }),
      expect.objectContaining({ command: "trim" }),
    ]);
    expect(records.map(({ seq_num }) => seq_num)).toEqual([0, 1, 2]);
  });

  sdk("fences what is appended after it, not what comes with it", ["commands.fence"], async (ctx) => {
    const stream = await ctx.stream();
    const ack = await stream.append([AppendRecord.fence("first"), { body: "a" }], { fencing_token: "" });
    expect(ack.end.seq_num).toBe(2);
    const error = await errorOf(stream.append([AppendRecord.fence("second")], { fencing_token: "second" }));
    expect((error as FencingTokenMismatchError).expectedFencingToken).toBe("first");
  });

  sdk("lets the last of several fences in one batch stand", ["commands.fence"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([AppendRecord.fence("a"), { body: "x" }, AppendRecord.fence("b")]);
    await stream.append({ body: "y" }, { fencing_token: "b" });
  });

  sdk("clears the fence with an empty token", ["commands.fence"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(AppendRecord.fence("a"));
    await stream.append(AppendRecord.fence(""), { fencing_token: "a" });
    await stream.append({ body: "x" }, { fencing_token: "" });
  });

  sdk("trims the records before a point", ["commands.trim", "read.trimmed-start"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(Array.from({ length: 10 }, (_, index) => ({ body: String(index) })));
    await stream.append(AppendRecord.trim(6));
    await firstRecord(stream, 6);
    const { records } = await stream.read({ seq_num: 2 });
    expect(records.map(({ seq_num }) => seq_num)).toEqual([6, 7, 8, 9, 10]);
    expect((await stream.checkTail()).tail.seq_num).toBe(11);
  });

  sdk("never trims backwards", ["commands.trim"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append(Array.from({ length: 5 }, () => ({ body: "x" })));
    await stream.append(AppendRecord.trim(4));
    await firstRecord(stream, 4);
    await stream.append(AppendRecord.trim(1));
    await stream.append({ body: "y" });
    expect((await stream.read({ seq_num: 0 })).records.map(({ seq_num }) => seq_num)).toEqual([4, 5, 6, 7]);
  });

  sdk(
    "trims at most up to and with the command itself",
    ["commands.trim", "read.trimmed-start"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([{ body: "a" }, { body: "b" }]);
      const ack = await stream.append(AppendRecord.trim(2n ** 64n - 1n));
      expect(ack.end.seq_num).toBe(3);
      // A start below the tail whose records are all gone is not at the tail: nothing, and no error.
      await nothingLeft(stream);
      expect((await stream.append({ body: "c" })).start.seq_num).toBe(3);
      expect((await stream.read({ seq_num: 0 })).records.map(({ seq_num }) => seq_num)).toEqual([3]);
    },
  );

  sdk(
    "rejects a command without a timestamp where one is required",
    ["commands.timestamped", "timestamps.client-require"],
    async (ctx) => {
      const stream = await ctx.stream({ timestamping: { mode: "client-require" } });
      await expectServerError(stream.append(AppendRecord.fence("a")), "invalid", 422);
      expect((await stream.append(AppendRecord.fence("a", 1000))).start).toEqual({
        seq_num: 0,
        timestamp: 1000,
      });
    },
  );

  raw(
    "refuses commands it does not know, and bodies that do not fit them",
    ["commands.form", "code.invalid", "names.fencing-token"],
    async (ctx) => {
      const stream = await ctx.stream();
      const base64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString("base64");
      const command = (name: string, body: Uint8Array | string) =>
        stream.append(
          {
            records: [
              { headers: [["", base64(name)]], ...(body.length === 0 ? {} : { body: base64(body) }) },
            ],
          },
          { "s2-format": "base64" },
        );
      expectCode(await command("trim", ""), 422, "invalid");
      expectCode(await command("trim", new Uint8Array(7)), 422, "invalid");
      expectCode(await command("trim", new Uint8Array(9)), 422, "invalid");
      expectCode(await command("fence", "x".repeat(37)), 422, "invalid");
      expectCode(await command("fence", Uint8Array.of(0xff)), 422, "invalid");
      expectCode(await command("explode", ""), 422, "invalid");
      expectCode(await command("", ""), 422, "invalid");
      expectCode(await command("Fence", "x"), 422, "invalid");
      expectCode(await command("fence ", "x"), 422, "invalid");
      expect((await stream.tail()).json()).toEqual({ tail: { seq_num: 0, timestamp: 0 } });
      expect((await command("fence", "x".repeat(36))).status).toBe(200);
      expect((await command("trim", new Uint8Array(8))).status).toBe(200);
    },
  );
});
