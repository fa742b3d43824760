import { AppendRecord } from "@s2-dev/streamstore-core";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import { failureOf, ordersIn, valuesOf } from "../../test/orders.js";
import { type InvalidMessage, typed } from "./index.js";

const MIB = 1024 * 1024;

let source: MemorySource;
beforeEach(() => {
  source = new MemorySource();
});

describe("reading", () => {
  it("gives nothing of an empty stream, and skips commands and what belongs to no message", async () => {
    const stream = typed(source, { schema: z.string() });
    expect(await stream.read()).toEqual([]);
    source.put({ body: '"a"' }, AppendRecord.fence("t"), { body: '"b"' });
    expect((await stream.read()).map(({ value, seq_num }) => [value, seq_num])).toEqual([
      ["a", 0],
      ["b", 2],
    ]);
  });

  it("skips the rest of a message whose beginning lies before the start", async () => {
    const stream = typed(source, { schema: z.string() });
    await stream.append("x".repeat(2 * MIB));
    await stream.append("y");
    expect(await valuesOf(stream.follow({ seq_num: 1 }))).toEqual(["y"]);
  });

  it("stops at a number of messages, and goes on behind the last", async () => {
    const stream = typed(source, { schema: z.number() });
    await stream.appendBatch([1, 2, 3, 4, 5].map((value) => ({ value })));
    const first = await stream.read({ count: 2 });
    expect(first.map(({ value }) => value)).toEqual([1, 2]);
    const rest = await stream.read({ resume: first[1]!.resume });
    expect(rest.map(({ value }) => value)).toEqual([3, 4, 5]);
    expect(await stream.read({ count: 0 })).toEqual([]);
  });

  it("reads no further batch once it holds more than maxBytes", async () => {
    const stream = typed(source, { schema: z.string() });
    await stream.appendBatch(["aaaa", "bbbb", "cccc"].map((value) => ({ value })));
    expect(await stream.read({ maxBytes: 7 })).toHaveLength(2);
  });

  it("throws at a message that does not fit, after those before it, and ends the session", async () => {
    source.put({ body: '{"id":"a","items":[]}' }, { body: '{"id":"b"}' }, { body: '{"id":"c","items":[]}' });
    const session = await ordersIn(source).readSession({ seq_num: 0 });
    const read: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { value } of session) read.push(value.id);
      })(),
    );
    expect(read).toEqual(["a"]);
    expect(error.message).toMatch(/^The message at sequence number 1 does not fit its schema: items: /);
    expect(error).toMatchObject({ seqNum: 1, end: 2, issues: [{ path: ["items"] }] });
    expect(source.reads[0]?.cancelledWith).toHaveLength(1);
    expect(session.resumePosition()).toEqual({ seq_num: 1, after: 1 });
  });

  it("loses none of those before it when it reads at once", async () => {
    source.put({ body: '{"id":"a","items":[]}' }, { body: '{"id":"b","items":[]}' }, { body: '{"id":"c"}' });
    const error = await failureOf(ordersIn(source).read());
    expect(error).toMatchObject({ problem: "schema", seqNum: 2, end: 3 });
    expect(error.before?.map(({ value, seq_num }) => [(value as { id: string }).id, seq_num])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect(await ordersIn(source).read({ count: 2 })).toHaveLength(2);
  });

  it("leaves it out on request and tells, waiting for whoever is told", async () => {
    source.put({ body: "not JSON" }, { body: '{"id":"c","items":[]}' });
    const told: InvalidMessage[] = [];
    const messages = await ordersIn(source).read({
      async onInvalid(invalid) {
        await Promise.resolve();
        told.push(invalid);
      },
    });
    expect(messages.map(({ value }) => value.id)).toEqual(["c"]);
    expect(told).toMatchObject([{ seq_num: 0, end: 1, error: { problem: "decode", seqNum: 0 } }]);
    expect(new TextDecoder().decode(told[0]?.payload)).toBe("not JSON");
  });

  it("hands it over as it is on request", async () => {
    source.put({ body: '{"id":"c","items":[]}' }, { body: "7", headers: { _key: "k" } });
    const [good, bad] = await ordersIn(source).read({ onInvalid: "raw" });
    expect(good).toMatchObject({ error: undefined, value: { id: "c" } });
    expect(bad).toMatchObject({ value: undefined, key: "k", error: { problem: "schema" } });
  });

  it("ends with what the one who is told throws", async () => {
    source.put({ body: "bad" });
    const failure = new Error("enough");
    const onInvalid = () => {
      throw failure;
    };
    await expect(ordersIn(source).read({ onInvalid })).rejects.toBe(failure);
  });

  it("treats a message that is too large like any other that cannot be used", async () => {
    await typed(source, { schema: z.string() }).append("x".repeat(2 * MIB));
    source.put({ body: '"y"' });
    const stream = typed(source, { schema: z.string(), maxFrameBytes: MIB });
    const told: InvalidMessage[] = [];
    const messages = await stream.read({ onInvalid: (invalid) => void told.push(invalid) });
    expect(messages.map(({ value }) => value)).toEqual(["y"]);
    expect(told.map(({ error }) => [error.problem, error.seqNum])).toEqual([["size", 0]]);
  });

  it("names a type that is none of the union's", async () => {
    source.put({ body: "1" }, { body: "1", headers: { _type: "gone" } });
    const stream = typed(source, { union: { here: z.number() } });
    const messages = await stream.read({ onInvalid: "raw" });
    expect(messages.map(({ error }) => error?.message)).toEqual([
      'The message at sequence number 0 is of no known type: it names no type; the types are "here"',
      'The message at sequence number 1 (type "gone") is of no known type: got "gone"; the types are "here"',
    ]);
  });

  it("is a stream on request, which reads nothing ahead and cancels the session", async () => {
    source.readOptions = { isFollowing: true };
    source.put({ body: "1" }, { body: "2" });
    const session = await typed(source, { schema: z.number() }).readSession({ seq_num: 0 });
    const reader = session.toReadableStream().getReader();
    expect((await reader.read()).value?.value).toBe(1);
    expect(source.reads[0]?.nextReadPosition()?.seq_num).toBe(1);
    await reader.read();
    const waiting = reader.read();
    await reader.cancel("enough");
    expect((await waiting).done).toBe(true);
    expect(source.reads[0]?.cancelledWith).toEqual(["enough"]);
  });

  it("cancels the session when a loop is left", async () => {
    source.put({ body: "1" }, { body: "2" });
    for await (const _ of typed(source, { schema: z.number() }).follow({ seq_num: 0 })) break;
    expect(source.reads[0]?.cancelledWith).toHaveLength(1);
  });

  it("starts at the tail unless it is told where, but for a read at once, which starts at the beginning", async () => {
    const stream = typed(source, { schema: z.number() });
    await stream.readSession();
    await valuesOf(stream.follow({ tail_offset: 3 }));
    await stream.read();
    expect(source.readWith).toEqual([
      { as: "bytes" },
      { as: "bytes", tail_offset: 3 },
      { as: "bytes", seq_num: 0, wait: 0 },
    ]);
  });
});

describe("resuming", () => {
  it("misses and repeats nothing, though large messages of several writers lie within each other", async () => {
    const sizes = (value: string) => `${value[0]}${value.length}`;
    const stream = typed(source, { schema: z.string() });
    const parts = await Promise.all(
      ["a", "b"].map(async (letter) => {
        const own = new MemorySource();
        await typed(own, { schema: z.string() }).append(letter.repeat(2 * MIB));
        await typed(own, { schema: z.string() }).append(letter);
        return own.stream.batches.flatMap(({ records }) => records);
      }),
    );
    const [a = [], b = []] = parts;
    // a0 b0 a1 a2 "a" b1 b2 "b"
    source.put(a[0]!, b[0]!, a[1]!, a[2]!, a[3]!, b[1]!, b[2]!, b[3]!);
    const all = await stream.read();
    const places = all.map(({ value, resume: { seq_num, after } }) => [sizes(value), { seq_num, after }]);
    expect(places).toEqual([
      [`a${2 * MIB}`, { seq_num: 1, after: 4 }],
      ["a1", { seq_num: 1, after: 5 }],
      [`b${2 * MIB}`, { seq_num: 7, after: 7 }],
      ["b1", { seq_num: 8, after: 8 }],
    ]);
    for (const [index, { resume }] of all.entries()) {
      const rest = await stream.read({ resume: JSON.parse(JSON.stringify(resume)) });
      expect(rest.map(({ value }) => sizes(value))).toEqual(
        all.slice(index + 1).map(({ value }) => sizes(value)),
      );
    }
  });

  it("does not stay at the message of a writer that died in the middle, and tells that it was given up", async () => {
    let batches = 0;
    const dying = Object.assign(Object.create(source), {
      append: async (...given: Parameters<typeof source.append>) => {
        batches += 1;
        if (batches > 1) throw new Error("it dies");
        return source.append(...given);
      },
    });
    await expect(typed(dying, { schema: z.string() }).append("x".repeat(3 * MIB))).rejects.toThrow("dies");
    const from = source.stream.records.length;
    const given: unknown[] = [];
    const stream = typed(source, {
      schema: z.number(),
      maxSilentRecords: 10,
      onDiscard: (discarded) => given.push(discarded),
    });
    for (let value = 0; value < 10; value += 1) await stream.append(value);
    const before = await stream.read();
    expect([before.at(-1)?.resume.seq_num, given]).toEqual([0, []]);
    for (let value = 10; value < 20; value += 1) await stream.append(value);
    const resume = before.at(-1)?.resume;
    const after = await stream.read({ resume });
    expect(after.map(({ value }) => value)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(after.at(-1)?.resume.seq_num).toBe(from + 20);
    expect(given).toEqual([{ reason: "silent", seq_num: 0, records: from }]);
  });

  it("drops copies of what was handed over before, though they lie behind the position", async () => {
    const stream = typed(source, { schema: z.number() });
    const session = await stream.appendSession({ writerId: "w" });
    for (const value of [1, 2, 3]) {
      void session.submit(value);
      await session.flush();
    }
    const [, second, third] = source.stream.batches.map(({ records }) => records);
    source.put(...second!, ...third!);
    const [, message] = await stream.read();
    expect(message?.resume).toEqual({ seq_num: 2, after: 2, writers: { w: "1" } });
    const resume = JSON.parse(JSON.stringify(message?.resume));
    expect((await stream.read({ resume })).map(({ value }) => value)).toEqual([3]);
  });

  it("keeps the numbers of the last 32 writers, however many there were", async () => {
    const stream = typed(source, { schema: z.number() });
    for (let writer = 0; writer < 40; writer += 1) {
      const session = await stream.appendSession({ writerId: `w${writer % 36}` });
      void session.submit(writer);
      await session.close();
    }
    const messages = await stream.read();
    const { writers = {} } = messages[messages.length - 1]!.resume;
    expect(Object.keys(writers)).toHaveLength(32);
    expect(Object.keys(writers)).toContain("w35");
  });

  it.each([
    ["no number", { seq_num: "1", after: 1 }],
    ["a negative one", { seq_num: 1, after: -1 }],
    ["writers that are none", { seq_num: 1, after: 1, writers: { w: 1 } }],
    ["nothing", null],
  ])("refuses what is no position: %s", async (_, resume) => {
    await expect(ordersIn(source).read({ resume: resume as never })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(source.readWith).toEqual([]);
  });
});
