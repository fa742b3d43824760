import { AppendRecord, type ReadSession } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, errorOf } from "../expecting.js";
import { settled } from "../waiting.js";

/** Reads on in the background, as a program that follows does. */
function follow(session: ReadSession): { readonly bodies: string[]; readonly done: Promise<void> } {
  const bodies: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { body } of session) bodies.push(body);
  };
  return { bodies, done: read() };
}

export const catchingUp = topic("catching-up", ({ sdk }) => {
  sdk("tells when all that was there has been handed over", ["sdk.caught-up"], async (ctx) => {
    const stream = await ctx.stream();
    for (const body of ["a", "b", "c"]) await stream.append({ body });
    const session = await stream.readSession({ seq_num: 0 });
    expect(session.isCaughtUp()).toBe(false);
    const { bodies, done } = follow(session);
    expect((await settled("catching up", session.caughtUp())).seq_num).toBe(3);
    expect(bodies).toEqual(["a", "b", "c"]);
    expect(session.isCaughtUp()).toBe(true);
    await session.cancel();
    await done;
    expect(await errorOf(session.caughtUp())).toMatchObject({ code: "SESSION_CLOSED" });
  });

  sdk("has caught up with an empty stream, and with each live record", ["sdk.caught-up"], async (ctx) => {
    const stream = await ctx.stream();
    const session = await stream.readSession({ seq_num: 0 });
    const records = session[Symbol.asyncIterator]();
    const first = records.next();
    expect((await settled("catching up", session.caughtUp())).seq_num).toBe(0);
    await stream.append({ body: "live" });
    expect((await settled("a record", first)).value?.body).toBe("live");
    expect((await settled("catching up again", session.caughtUp())).seq_num).toBe(1);
    await records.return?.();
  });

  sdk("marks the batches that reach the tail, heartbeats among them", ["sdk.caught-up"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([{ body: "a" }, { body: "b" }]);
    const session = await stream.readSession({ seq_num: 0 });
    const batches = session.batches({ heartbeats: true });
    const take = async () => (await settled("a batch", batches.next())).value;
    const stored = await take();
    expect(stored?.records.map(({ body }) => body)).toEqual(["a", "b"]);
    expect(stored).not.toHaveProperty("caughtUp");
    expect(await take()).toMatchObject({ records: [], tail: { seq_num: 2 }, caughtUp: true });
    let live = take();
    await stream.append({ body: "c" });
    // A further heartbeat is due after some seconds.
    while ((await live)?.records.length === 0) live = take();
    expect(await live).toMatchObject({ records: [{ body: "c" }], tail: { seq_num: 3 }, caughtUp: true });
    await batches.return?.();
  });

  sdk("never has with a read that ends before", ["sdk.caught-up"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.append([{ body: "a" }, { body: "b" }]);
    const session = await stream.readSession({ seq_num: 0, count: 1 });
    const caughtUp = errorOf(session.caughtUp());
    await all(session);
    expect(await caughtUp).toMatchObject({ code: "SESSION_CLOSED" });
  });

  sdk(
    "leaves out command records on request, which count all the same",
    ["sdk.command-filter", "commands.form"],
    async (ctx) => {
      const stream = await ctx.stream();
      await stream.append([
        AppendRecord.fence("t"),
        { body: "a" },
        AppendRecord.trim(0),
        { body: "b" },
        AppendRecord.fence(""),
      ]);
      const ignoreCommandRecords = true;
      for (const as of ["string", "bytes"] as const) {
        const { records } = await stream.read({ seq_num: 0, count: 3, as, ignoreCommandRecords });
        expect(records.map(({ seq_num }) => seq_num)).toEqual([1]);
        const session = await stream.readSession({ seq_num: 0, count: 4, as, ignoreCommandRecords });
        expect((await all(session)).map(({ seq_num }) => seq_num)).toEqual([1, 3]);
        expect(session.nextReadPosition()?.seq_num).toBe(4);
      }
      expect((await stream.read({ seq_num: 4, ignoreCommandRecords })).records).toEqual([]);
      const live = await stream.readSession({ seq_num: 0, ignoreCommandRecords });
      const { bodies, done } = follow(live);
      expect((await settled("catching up", live.caughtUp())).seq_num).toBe(5);
      expect(live.nextReadPosition()?.seq_num).toBe(5);
      await live.cancel();
      await done;
      expect(bodies).toEqual(["a", "b"]);
    },
  );
});
