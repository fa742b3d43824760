import { AppendRecord } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";

export const appending = topic("appending", ({ sdk, raw }) => {
  sdk("gives a batch contiguous sequence numbers from 0", ["records.append", "records.atomic"], async (ctx) => {
    const stream = await ctx.stream();
    const first = await stream.append([AppendRecord.make("a"), AppendRecord.make("b"), AppendRecord.make("c")]);
    expect(first.start.seq_num).toBe(0);
    expect(first.end.seq_num).toBe(3);
    expect(first.tail.seq_num).toBe(3);
    const second = await stream.append(AppendRecord.make("d"));
    expect([second.start.seq_num, second.end.seq_num]).toEqual([3, 4]);
  });
  raw("x", ["records.append"], async (ctx) => {
    const stream = await ctx.stream();
    const ack = await stream.appended("a");
    expect(ack.end.seq_num).toBe(1);
  });
});
