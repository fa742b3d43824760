import { describe, expect, it } from "vitest";
import { ScriptedStream } from "../../test/scripted-session.js";
import { catchUp } from "./index.js";

async function bodiesOf(records: AsyncIterable<{ body: string }>): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { body } of records) bodies.push(body);
  return bodies;
}

describe("catching up", () => {
  it("is done where the reader reaches a tail, not where it first hears of one", async () => {
    const stream = new ScriptedStream();
    const feed = await catchUp(stream);
    const tail = { seq_num: 3, timestamp: 7 };
    stream.session.records(0, ["a"], { tail });
    stream.session.records(1, ["b", "c"], { tail, caughtUp: true });
    expect(await bodiesOf(feed.backlog)).toEqual(["a", "b", "c"]);
    expect(feed.boundary).toEqual(tail);
  });

  it("has no boundary before its last record was handed over", async () => {
    const stream = new ScriptedStream();
    const feed = await catchUp(stream);
    stream.session.records(0, ["a", "b"], { tail: { seq_num: 2, timestamp: 7 }, caughtUp: true });
    const backlog = feed.backlog[Symbol.asyncIterator]();
    await backlog.next();
    await backlog.next();
    expect(feed.boundary).toBeUndefined();
    expect((await backlog.next()).done).toBe(true);
    expect(feed.boundary).toEqual({ seq_num: 2, timestamp: 7 });
    expect(stream.session.cancelledWith).toEqual([]);
  });

  it("starts at the beginning, unless it is told where", async () => {
    const stream = new ScriptedStream();
    await catchUp(stream);
    await catchUp(stream, { tail_offset: 5 });
    expect(stream.opened).toEqual([{ seq_num: 0 }, { tail_offset: 5 }]);
  });

  it("has no second backlog: another loop over it gives nothing, and takes nothing that is live", async () => {
    const stream = new ScriptedStream();
    const feed = await catchUp(stream);
    stream.session.records(0, ["a"], { tail: { seq_num: 1, timestamp: 7 }, caughtUp: true });
    expect(await bodiesOf(feed.backlog)).toEqual(["a"]);
    stream.session.records(1, ["b"]);
    expect(await bodiesOf(feed.backlog)).toEqual([]);
    const live = feed.live[Symbol.asyncIterator]();
    expect((await live.next()).value?.body).toBe("b");
  });

  it("is read by one loop at a time, between whom its records would be divided", async () => {
    const stream = new ScriptedStream();
    const feed = await catchUp(stream);
    const refusal = { code: "INVALID_ARGUMENT", message: expect.stringMatching(/one loop at a time/) };
    const first = bodiesOf(feed.backlog);
    await expect(bodiesOf(feed.backlog)).rejects.toMatchObject(refusal);
    stream.session.records(0, ["a"], { tail: { seq_num: 1, timestamp: 7 }, caughtUp: true });
    expect(await first).toEqual(["a"]);
    const live = feed.live.batches();
    const next = live.next();
    await expect(bodiesOf(feed.live)).rejects.toMatchObject(refusal);
    stream.session.records(1, ["b"]);
    expect((await next).value?.records).toHaveLength(1);
    expect(stream.session.cancelledWith).toEqual([]);
  });

  it("ends with what ends its session, before the boundary and behind it", async () => {
    const stream = new ScriptedStream();
    const failure = new Error("lost");
    const early = await catchUp(stream);
    stream.session.fail(failure);
    await expect(bodiesOf(early.backlog)).rejects.toBe(failure);
    const late = await catchUp(stream);
    stream.session.heartbeat(0);
    await bodiesOf(late.backlog);
    stream.session.fail(failure);
    await expect(bodiesOf(late.live)).rejects.toBe(failure);
  });
});
