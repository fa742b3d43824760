import { afterEach, describe, expect, it } from "vitest";
import { all, errorOf } from "../src/expecting.js";
import { type Bench, openBench } from "../src/faults/bench.js";
import { BUILT_IN_WIRES, type BuiltInWire } from "../src/targets.js";
import { settled } from "../src/waiting.js";

const EXPIRED = { kind: "answer", status: 401, code: "authn" } as const;

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

/** A client whose tokens come from a function; `asked` counts them. */
async function open(wire: BuiltInWire) {
  let asked = 0;
  bench = await openBench(wire, { accessToken: async () => `token-${++asked}` });
  return { ctx: bench, asked: () => asked };
}

describe.each(BUILT_IN_WIRES)("a token from a function, over %s", (wire) => {
  it("is replaced when the server refuses it, in calls and sessions, which notice nothing [H-23]", async () => {
    const { ctx, asked } = await open(wire);
    const { stream } = ctx;
    const refusals = (["append", "read", "check_tail"] as const).map((operation) =>
      ctx.local.faults.add({ on: { operation, times: 1 }, do: EXPIRED }),
    );
    await stream.append({ body: "a" });
    await stream.checkTail();
    expect((await stream.read({ seq_num: 0 })).records).toHaveLength(1);
    for (const refusal of refusals) {
      expect(refusal.hits).toBe(1);
      refusal.remove();
    }
    expect(asked()).toBe(4);

    ctx.local.faults.add({ on: { operation: ["append", "read"], times: 1 }, do: EXPIRED });
    const session = await stream.appendSession();
    const acks = ["b", "c", "d"].map((body) => session.submit({ body }));
    await settled("the acks", Promise.all(acks));
    await session.close();
    ctx.local.faults.clear();
    ctx.local.faults.add({ on: { operation: "read", times: 1 }, do: EXPIRED });
    const reading = await stream.readSession({ seq_num: 0, count: 4 });
    expect((await all(reading)).map(({ body }) => body)).toEqual(["a", "b", "c", "d"]);
    expect(asked()).toBe(6);
    expect(await ctx.log()).toEqual(["a", "b", "c", "d"]);
  });

  it("is replaced in the middle of a followed stream, which loses nothing [H-23]", async () => {
    const { ctx, asked } = await open(wire);
    for (const body of ["a", "b"]) await ctx.stream.append({ body });
    ctx.local.faults.add({
      on: { operation: "read", times: 1 },
      do: { kind: "cut", how: "destroy", after: 1 },
    });
    ctx.local.faults.add({ on: { operation: "read", nth: 2, times: 1 }, do: EXPIRED });
    const session = await ctx.stream.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    const take = async () => (await settled("a record", records.next())).value?.body;
    expect([await take(), await take()]).toEqual(["a", "b"]);
    const last = take();
    await ctx.stream.append({ body: "c" });
    expect(await last).toBe("c");
    expect(asked()).toBeGreaterThan(1);
    await records.return?.();
  });

  it("is replaced once: a server that refuses every token is believed [H-23]", async () => {
    const { ctx, asked } = await open(wire);
    const refusal = ctx.local.faults.add({
      on: { operation: ["append", "read"] },
      do: { kind: "answer", status: 403, code: "permission_denied" },
    });
    const denied = { status: 403, code: "permission_denied", sideEffect: "none" };
    expect(await errorOf(ctx.stream.append({ body: "x" }))).toMatchObject(denied);
    expect([refusal.hits, asked()]).toEqual([2, 2]);
    const session = await ctx.stream.appendSession();
    expect(await errorOf(session.submit({ body: "x" }))).toMatchObject(denied);
    expect(await errorOf(ctx.stream.readSession({ seq_num: 0 }))).toMatchObject(denied);
    expect(refusal.hits).toBe(6);
    await session.close().catch(() => undefined);
    expect(await ctx.log()).toEqual([]);
  });

  it("is one for all who need it at the same time [H-23]", async () => {
    const { ctx, asked } = await open(wire);
    const calls = Array.from({ length: 20 }, () => ctx.stream.checkTail());
    await settled("the calls", Promise.all(calls));
    expect(asked()).toBe(1);
  });
});
