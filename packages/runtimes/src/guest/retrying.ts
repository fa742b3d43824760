import { topic } from "@s2-dev/conformance/behaviour.js";
import { all, errorOf } from "@s2-dev/conformance/expecting.js";
import { S2Error } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { addFault } from "./faults.js";

/** What survives failures of the network and of the server, as this runtime reports them. */
export const retrying = topic("retrying", ({ sdk }) => {
  sdk("makes a call again that the server was too busy for", [], async (ctx) => {
    const stream = await ctx.stream();
    const on = { operation: "check_tail", stream: stream.name, times: 1 };
    const fault = await addFault(ctx.origin, { on, do: { kind: "answer", status: 503 } });
    expect((await stream.checkTail()).tail.seq_num).toBe(0);
    expect(await fault.hits()).toBe(1);
  });

  sdk("makes a call again whose connection was cut", [], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([{ body: "a" }]);
    const on = { operation: "read", stream: stream.name, times: 1 };
    const fault = await addFault(ctx.origin, { on, do: { kind: "cut", how: "destroy" } });
    expect((await stream.read({ seq_num: 0 })).records.map(({ body }) => body)).toEqual(["a"]);
    expect(await fault.hits()).toBe(1);
  });

  sdk("gives up when its attempts are spent, with the last error", [], async (ctx) => {
    const stream = await ctx.stream();
    const on = { operation: "check_tail", stream: stream.name };
    const fault = await addFault(ctx.origin, { on, do: { kind: "answer", status: 503 } });
    ctx.afterwards(() => fault.remove());
    const error = await errorOf(stream.checkTail());
    expect(error).toBeInstanceOf(S2Error);
    expect(error.status).toBe(503);
    expect(await fault.hits()).toBeGreaterThan(1);
  });

  sdk("resumes a read session that was cut, without loss or repetition", [], async (ctx) => {
    const stream = await ctx.stream();
    const bodies = Array.from({ length: 30 }, (_, index) => String(index).padEnd(60_000, "x"));
    for (let at = 0; at < 30; at += 10) {
      await stream.append(bodies.slice(at, at + 10).map((body) => ({ body })));
    }
    const on = { operation: "read", stream: stream.name, mode: "session", times: 1 };
    const fault = await addFault(ctx.origin, { on, do: { kind: "cut", how: "destroy", after: 1 } });
    const records = await all(await stream.readSession({ seq_num: 0, count: 30 }));
    expect(records.map(({ seq_num }) => seq_num)).toEqual(bodies.map((_, index) => index));
    expect(records.map(({ body }) => body)).toEqual(bodies);
    expect(await fault.hits()).toBe(1);
  });

  sdk("appends each batch once although acknowledgements were lost", [], async (ctx) => {
    const stream = await ctx.stream();
    const on = { operation: "append", stream: stream.name, times: 1 };
    const fault = await addFault(ctx.origin, { on, do: { kind: "cut", how: "destroy", insteadOf: 1 } });
    const session = await stream.appendSession({ exactlyOnce: true });
    const tickets = Array.from({ length: 20 }, (_, index) => session.submit({ body: String(index) }));
    const acks = await Promise.all(tickets);
    expect(acks.map(({ start }) => start.seq_num)).toEqual(acks.map((_, index) => index));
    await session.close();
    const records = await all(await stream.readSession({ seq_num: 0, wait: 0 }));
    expect(records.map(({ body }) => body)).toEqual(acks.map((_, index) => String(index)));
    expect(await fault.hits()).toBe(1);
  });
});
