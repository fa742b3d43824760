import { describe, expect, it } from "vitest";
import { encodeAppendBatch } from "../codec/append-input.js";
import { SeqNumMismatchError } from "../error/append-errors.js";
import { S2Error } from "../error/s2-error.js";
import type { AppendEvents } from "../transport/index.js";
import { flushMicrotasks } from "./flush-microtasks.js";
import { createModelServer } from "./model-server.js";
import { observe } from "./observe.js";

const options = { attempt: 1, authorization: "Bearer x" };
const lost = new S2Error({ message: "cut", code: "CONNECTION_LOST" });

const appendLink = () => {
  const server = createModelServer();
  const seen: unknown[] = [];
  const events: AppendEvents = {
    opened: () => seen.push("opened"),
    taken: (count) => seen.push(["taken", count]),
    acks: (acks) => seen.push(["acks", acks.map(({ end }) => end.seq_num)]),
    writable: () => seen.push("writable"),
    reconnectAdvised: () => seen.push("advised"),
    ended: (error) => seen.push(["ended", error]),
  };
  const link = server.openAppend({ method: "POST", url: "https://b.test/", headers: {} }, events, options);
  return { server, seen, link, model: server.appends[0] ?? expect.fail() };
};

const readLink = (query: string, stored = 5) => {
  const server = createModelServer();
  for (let count = 0; count < stored; count += 1) server.log.write(`r${count}`);
  const link = server.openRead(
    { method: "GET", url: `https://b.test/?${query}`, headers: {} },
    { as: "string", unsafeTimestamps: "error" },
    options,
  );
  return { server, link, model: server.reads[0] ?? expect.fail() };
};

describe("a model server's append link", () => {
  it("writes what has begun to leave, and acknowledges what is written", () => {
    const { server, seen, link, model } = appendLink();
    model.open();
    link.send(encodeAppendBatch([{ body: "a" }, { body: "b" }]));
    expect(model.write()).toBe(false);
    expect(model.leave()).toBe(true);
    expect(model.write()).toBe(true);
    expect(server.log.records.map(({ body }) => body)).toEqual(["a", "b"]);
    model.ack(1);
    expect(seen).toEqual(["opened", ["acks", [2]]]);
  });

  it("may write after the link was lost, but not after an error that proves no effect", () => {
    const one = appendLink();
    one.model.open();
    one.link.send(encodeAppendBatch([{ body: "a" }]));
    one.model.leave();
    one.model.fail(lost);
    expect(one.model.write()).toBe(true);

    const other = appendLink();
    other.model.open();
    other.link.send(encodeAppendBatch([{ body: "a" }]));
    other.model.leave();
    other.model.fail(new S2Error({ message: "draining", code: "server_draining" }));
    expect(other.model.write()).toBe(false);
  });

  it("refuses a batch whose condition does not hold, and all behind it, after the acks", () => {
    const { server, seen, link, model } = appendLink();
    model.open();
    link.send(encodeAppendBatch([{ body: "a" }], { match_seq_num: 0 }));
    link.send(encodeAppendBatch([{ body: "b" }], { match_seq_num: 7 }));
    link.send(encodeAppendBatch([{ body: "c" }]));
    while (model.take());
    while (model.write());
    model.end();
    expect(server.log.records).toHaveLength(1);
    expect(seen.slice(-2)).toEqual([
      ["acks", [1]],
      ["ended", expect.any(SeqNumMismatchError)],
    ]);
  });

  it("does nothing on a link that is over", () => {
    const { link, model } = appendLink();
    link.abort(lost);
    expect([
      model.open(),
      model.leave(),
      model.take(),
      model.ack(1),
      model.fail(lost),
      model.end(),
    ]).not.toContain(true);
  });
});

describe("a model server's read link", () => {
  const starts: [query: string, start: number | undefined][] = [
    ["seq_num=2", 2],
    ["seq_num=5", 5],
    ["seq_num=6", undefined],
    ["seq_num=6&clamp=true", 5],
    ["seq_num=5&count=1", undefined],
    ["seq_num=5&count=1&wait=1", 5],
    ["seq_num=9&count=0", 5],
    ["tail_offset=2", 3],
    ["tail_offset=9", 0],
    ["timestamp=1003", 3],
    ["timestamp=9999", undefined],
    ["", 5],
  ];
  it.each(starts)("resolves the start of ?%s as the service does", async (query, start) => {
    const { link, model } = readLink(query);
    const opened = observe(link.opened);
    model.open();
    await flushMicrotasks();
    expect(model.start).toBe(start);
    expect(opened.state).toBe(start === undefined ? "rejected" : "fulfilled");
  });

  it("sends within the limits, says the tail when it is there, and ends when nothing more may come", async () => {
    const { link, model } = readLink("seq_num=1&count=3");
    model.open();
    model.send(2);
    model.send(9);
    expect(model.send(1)).toBe(false);
    expect(model.end()).toBe(true);
    const batches = [await link.next(), await link.next(), await link.next()];
    expect(batches.map((batch) => batch?.records.map(({ seq_num }) => seq_num))).toEqual([
      [1, 2],
      [3],
      undefined,
    ]);
    expect(batches.map((batch) => batch?.tail)).toEqual([undefined, undefined, undefined]);
    expect(model.hasEndedCleanly).toBe(true);
  });

  it("sends heartbeats only at the tail, and does not end an unbounded read", () => {
    const { model } = readLink("seq_num=4");
    model.open();
    expect(model.heartbeat()).toBe(false);
    model.send(1);
    expect(model.heartbeat()).toBe(true);
    expect(model.end()).toBe(false);
  });
});
