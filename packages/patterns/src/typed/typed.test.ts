import { AppendRecord } from "@s2-dev/streamstore-core";
import { type } from "arktype";
import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import { DeserializingReadSession } from "../serialization/deserializing-read-session.js";
import { type InvalidMessage, InvalidMessageError, typed, upcast } from "./index.js";

const MIB = 1024 * 1024;
const Order = z.object({ id: z.string(), items: z.array(z.object({ price: z.number() })) });

let source: MemorySource;
beforeEach(() => {
  source = new MemorySource();
});

const orders = () => typed(source, { schema: Order, key: ({ id }) => id });
const bodies = () => source.stream.records.map(({ body }) => new TextDecoder().decode(body));
const headersOf = (index: number) =>
  source.stream.records[index]?.headers.map((header) =>
    header.map((part) => new TextDecoder().decode(part)).join("="),
  );
const failureOf = (promise: Promise<unknown>): Promise<InvalidMessageError> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as InvalidMessageError,
  );

async function valuesOf(messages: AsyncIterable<{ readonly value?: unknown }>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of messages) values.push(value);
  return values;
}

describe("appending", () => {
  it("stores a message as one record whose body is the value in JSON", async () => {
    expect(await orders().append({ id: "a", items: [] })).toEqual({ start: 0, end: 1 });
    expect(bodies()).toEqual(['{"id":"a","items":[]}']);
  });

  it("stores metadata in headers, and gives them back", async () => {
    const stream = orders();
    const meta = { id: "m1", type: "order", timestamp: 1234, headers: { trace: "abc", wide: "é" } };
    await stream.append({ id: "a", items: [] }, meta);
    expect(headersOf(0)).toEqual([
      "_type=order",
      "_key=a",
      "_id=m1",
      "_timestamp=1234",
      "trace=abc",
      "wide=é",
    ]);
    expect(source.stream.batches[0]?.records[0]?.timestamp).toBe(1234);
    const [message] = await stream.read();
    expect(message).toMatchObject({ seq_num: 0, end: 1, key: "a", id: "m1", type: "order", timestamp: 1234 });
    expect({ ...message?.headers }).toEqual({ trace: "abc", wide: "é" });
  });

  it("takes names of the stream's own for them, also for what tells its types apart", async () => {
    source.put(
      { body: "1", headers: { kind: "n" } },
      { body: '"x"', headers: { kind: "s", _type: "other" } },
    );
    const stream = typed(source, {
      union: { n: z.number(), s: z.string() },
      headerNames: { type: "kind", key: "about" },
    });
    expect(await valuesOf(stream.follow({ seq_num: 0 }))).toEqual([1, "x"]);
    await stream.append(2, { type: "n", key: "k" });
    expect(headersOf(2)).toEqual(["kind=n", "about=k"]);
  });

  it("refuses a value that does not fit before anything is sent, naming every place", async () => {
    const bad = { id: 7, items: [{ price: 1 }, { price: "2" }] } as unknown as z.input<typeof Order>;
    const error = await failureOf(orders().append(bad));
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect(error).toMatchObject({ code: "INVALID_MESSAGE", problem: "schema", sideEffect: "none" });
    expect(error.issues.map(({ path }) => path)).toEqual([["id"], ["items", 1, "price"]]);
    expect(error.message).toMatch(
      /^The message does not fit its schema: id: .*expected string.*; items\[1\]\.price: .*expected number/,
    );
    expect(source.stream.batches).toEqual([]);
  });

  it.each([
    ["zod", z.object({ a: z.object({ "b c": z.number() }) })],
    ["valibot", v.object({ a: v.object({ "b c": v.number() }) })],
    ["arktype", type({ a: { "b c": "number" } })],
  ])("names the place by the path that %s gives", async (_, schema) => {
    const stream = typed(source, { schema });
    const error = await failureOf(stream.append({ a: { "b c": "no" } } as never));
    expect(error.issues[0]?.path).toEqual(["a", "b c"]);
    expect(error.message).toContain('a["b c"]: ');
    await stream.append({ a: { "b c": 1 } });
    expect(await valuesOf(stream.follow({ seq_num: 0 }))).toEqual([{ a: { "b c": 1 } }]);
  });

  it("tells at most three places, and how many there are more", async () => {
    const stream = typed(source, { schema: z.array(z.number()) });
    const error = await failureOf(stream.append(["a", "b", "c", "d", "e"] as never));
    expect(error.issues).toHaveLength(5);
    expect(error.message).toMatch(/\[0\]: .*; \[1\]: .*; \[2\]: .*; and 2 more$/);
  });

  it("stores the value as it was given, so that a schema's defaults and transformations apply once, on reading", async () => {
    const schema = z.object({ amount: z.string().transform(Number), note: z.string().default("none") });
    const stream = typed(source, { schema });
    await stream.append({ amount: "12" });
    expect(bodies()).toEqual(['{"amount":"12"}']);
    expect(await valuesOf(stream.follow({ seq_num: 0 }))).toEqual([{ amount: 12, note: "none" }]);
  });

  it("says what a codec cannot encode", async () => {
    const stream = typed(source, { schema: z.unknown() });
    expect(await failureOf(stream.append(1n))).toMatchObject({
      problem: "encode",
      cause: expect.any(TypeError),
    });
    expect(await failureOf(stream.append(undefined))).toMatchObject({
      message: "The message cannot be encoded: JSON has no text for undefined",
    });
  });

  it("puts a large message in as many records as it takes, batch by batch, each expecting to follow the one before", async () => {
    const stream = typed(source, { schema: z.string() });
    await stream.append("x");
    const large = "y".repeat(3 * MIB);
    const range = await stream.append(
      large,
      { key: "k", timestamp: 5 },
      { match_seq_num: 1, fencing_token: "t" },
    );
    expect(range).toEqual({ start: 1, end: 5 });
    expect(source.appendedWith.slice(1).map(({ match_seq_num }) => match_seq_num)).toEqual([1, 2, 3, 4]);
    expect(source.appendedWith.slice(1).every(({ fencing_token }) => fencing_token === "t")).toBe(true);
    const [, message] = await stream.read();
    expect(message).toMatchObject({ seq_num: 1, end: 5, key: "k", timestamp: 5 });
    expect(message?.value === large).toBe(true);
  });

  it("fills a record to the last byte before it takes a second one", async () => {
    const stream = typed(source, {
      codec: { encode: (size: number) => new Uint8Array(size), decode: (b) => b.length },
    });
    const room = MIB - 8 - "_key".length - "k".length - 2;
    await stream.append(room, { key: "k" });
    await stream.append(room + 1, { key: "k" });
    expect(source.stream.batches.map(({ records }) => records.length)).toEqual([1, 1, 1]);
    expect(await valuesOf(stream.follow({ seq_num: 0 }))).toEqual([room, room + 1]);
  });

  it("can be read where the frame alone is known", async () => {
    const stream = typed(source, { schema: z.string() });
    const session = await stream.appendSession();
    void session.submit("small");
    void session.submit("z".repeat(2 * MIB), { key: "k" });
    await session.close();
    const read = new DeserializingReadSession(
      await source.readSession<"bytes">({ seq_num: 0 }),
      (bytes) => JSON.parse(new TextDecoder().decode(bytes)).length,
    );
    const lengths: number[] = [];
    for await (const length of read) lengths.push(length as number);
    expect(lengths).toEqual([5, 2 * MIB]);
  });

  it("takes several messages as one batch, or none of them", async () => {
    const stream = orders();
    const ranges = await stream.appendBatch([
      { value: { id: "a", items: [] } },
      { value: { id: "b", items: [] }, key: "other" },
    ]);
    expect(ranges).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 2 },
    ]);
    expect(source.stream.batches).toHaveLength(1);
    expect((await stream.read()).map(({ key }) => key)).toEqual(["a", "other"]);
    const bad = { value: { id: "c", items: [{ price: "1" }] } } as never;
    const error = await failureOf(stream.appendBatch([{ value: { id: "b", items: [] } }, bad]));
    expect(error.message).toMatch(/\[1\]\.items\[0\]\.price: /);
    const many = Array.from({ length: 1001 }, () => ({ value: { id: "b", items: [] } }));
    await expect(stream.appendBatch(many)).rejects.toThrow(/at most 1000 messages .* got 1001/);
    expect(await stream.appendBatch([])).toEqual([]);
    expect(source.stream.batches).toHaveLength(1);
  });

  it.each([
    [
      "a field that is misspelt",
      { kye: "x" },
      /metadata has no field "kye"; it has type, key, id, timestamp, headers/,
    ],
    ["an option among them", { match_seq_num: 4 }, /metadata has no field "match_seq_num"/],
    ["a header of the serialization", { headers: { _writer_id: "x" } }, /"_writer_id" is reserved/],
    ["a header of the metadata", { headers: { _key: "x" } }, /"_key" is reserved/],
    ["a header without a name, which would make a command", { headers: { "": "fence" } }, /"" is reserved/],
    ["a header that is no text", { headers: { a: 1 } }, /"a" must be text; got 1/],
    ["a key that is no text", { key: 1 }, /key must be text; got 1/],
    ["a timestamp that is no integer", { timestamp: 1.5 }, /timestamp must be an integer .* got 1.5/],
    [
      "headers that leave no room",
      { headers: { a: "x".repeat(MIB) } },
      /headers of a message must fit in one record/,
    ],
  ])("refuses %s", async (_, meta, message) => {
    await expect(orders().append({ id: "a", items: [] }, meta as never)).rejects.toThrow(message);
    expect(source.stream.batches).toEqual([]);
  });

  it("refuses a message beyond maxFrameBytes", async () => {
    const stream = typed(source, { schema: z.string(), maxFrameBytes: 10 });
    await stream.append("12345678");
    await expect(stream.append("123456789")).rejects.toMatchObject({ code: "FRAME_SIZE", bytes: 11 });
  });
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
    const session = await orders().readSession({ seq_num: 0 });
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
    const error = await failureOf(orders().read());
    expect(error).toMatchObject({ problem: "schema", seqNum: 2, end: 3 });
    expect(error.before?.map(({ value, seq_num }) => [(value as { id: string }).id, seq_num])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect(await orders().read({ count: 2 })).toHaveLength(2);
  });

  it("leaves it out on request and tells, waiting for whoever is told", async () => {
    source.put({ body: "not JSON" }, { body: '{"id":"c","items":[]}' });
    const told: InvalidMessage[] = [];
    const messages = await orders().read({
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
    const [good, bad] = await orders().read({ onInvalid: "raw" });
    expect(good).toMatchObject({ error: undefined, value: { id: "c" } });
    expect(bad).toMatchObject({ value: undefined, key: "k", error: { problem: "schema" } });
  });

  it("ends with what the one who is told throws", async () => {
    source.put({ body: "bad" });
    const failure = new Error("enough");
    const onInvalid = () => {
      throw failure;
    };
    await expect(orders().read({ onInvalid })).rejects.toBe(failure);
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
    await expect(orders().read({ resume: resume as never })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(source.readWith).toEqual([]);
  });
});

describe("versions", () => {
  const V1 = z.object({ cents: z.number() });
  const V3 = z.object({ amount: z.number(), currency: z.string() });
  const upcasters = {
    1: upcast(V1, ({ cents }) => ({ amount: cents / 100 })),
    2: (value: unknown) => ({ ...(value as object), currency: "EUR" }),
  };

  it("are written when they are not the first, and brought up one after the other", async () => {
    await typed(source, { schema: V1 }).append({ cents: 150 });
    const second = typed(source, { schema: z.object({ amount: z.number() }), version: 2 });
    await second.append({ amount: 2 });
    const third = typed(source, { schema: V3, version: 3, upcasters });
    await third.append({ amount: 3, currency: "CHF" });
    expect([0, 1, 2].map(headersOf)).toEqual([[], ["_version=2"], ["_version=3"]]);
    expect(await valuesOf(third.follow({ seq_num: 0 }))).toEqual([
      { amount: 1.5, currency: "EUR" },
      { amount: 2, currency: "EUR" },
      { amount: 3, currency: "CHF" },
    ]);
  });

  it("say what is wrong with an older value, by its older schema", async () => {
    source.put({ body: '{"cents":"1"}' });
    const stream = typed(source, { schema: V3, version: 3, upcasters });
    const error = await failureOf(stream.read());
    expect(error).toMatchObject({ problem: "upcast", seqNum: 0, issues: [{ path: ["cents"] }] });
  });

  it("are refused when they are newer, malformed, or have no upcaster", async () => {
    const versions = ["4", "x", "0", "2"];
    source.put(...versions.map((version) => ({ body: "{}", headers: { _version: version } })));
    const stream = typed(source, { schema: V3, version: 3, upcasters: { 1: (value) => value } });
    const messages = await stream.read({ onInvalid: "raw" });
    expect(messages.map(({ error }) => error?.problem)).toEqual(versions.map(() => "version"));
    expect(messages[0]?.error?.message).toBe(
      "The message at sequence number 0 (version 4) is of a version that cannot be read: this program knows versions up to 3",
    );
  });

  it("differ by type in a union", async () => {
    source.put({ body: '{"cents":100}', headers: { _type: "paid" } }, { body: "1", headers: { _type: "n" } });
    const stream = typed(source, {
      union: { paid: { schema: V3, version: 3, upcasters }, n: z.number() },
    });
    expect(await valuesOf(stream.follow({ seq_num: 0 }))).toEqual([{ amount: 1, currency: "EUR" }, 1]);
  });
});

describe("validators that take their time", () => {
  const slow = z.string().refine(async (text) => {
    await Promise.resolve();
    return text !== "bad";
  });

  it("are waited for, on writing and on reading", async () => {
    const stream = typed(source, { schema: slow });
    await stream.append("a");
    expect(await failureOf(stream.append("bad"))).toMatchObject({ problem: "schema" });
    source.put({ body: '"bad"' }, { body: '"b"' });
    const messages = await stream.read({ onInvalid: "raw" });
    expect(messages.map(({ value, error }) => value ?? error?.problem)).toEqual(["a", "schema", "b"]);
  });
});

describe("options", () => {
  it.each([
    ["neither schema nor codec", {}, /needs a schema, a union or a codec/],
    ["a schema and a union", { schema: z.string(), union: { a: z.string() } }, /not both/],
    ["a schema that is none", { schema: {} }, /schema must be a Standard Schema/],
    [
      "a codec that only encodes",
      { codec: { encode: () => new Uint8Array() } },
      /codec must have encode and decode/,
    ],
    ["an empty union", { union: {} }, /at least one type/],
    ["a union's type without a schema", { union: { a: {} } }, /union\.a must be or have/],
    [
      "a version that is none",
      { schema: z.string(), version: 0 },
      /version must be an integer of at least 1; got 0/,
    ],
    [
      "an upcaster from the present version",
      { schema: z.string(), version: 2, upcasters: { 2: () => 1 } },
      /upcasters are named by versions from 1 to 1; got "2"/,
    ],
    [
      "an upcaster that is none",
      { schema: z.string(), version: 2, upcasters: { 1: 5 } },
      /must be a function; got 5/,
    ],
    ["a key that is no function", { schema: z.string(), key: "id" }, /key must be a function; got "id"/],
    [
      "two equal header names",
      { schema: z.string(), headerNames: { key: "a", id: "a" } },
      /headerNames\.id .*"a"/,
    ],
    [
      "a reserved header name",
      { schema: z.string(), headerNames: { key: "_frame_bytes" } },
      /headerNames\.key/,
    ],
    [
      "a header name for what there is not",
      { schema: z.string(), headerNames: { kye: "a" } },
      /headerNames has no field "kye"; it has type, key, id, timestamp, version/,
    ],
    ["a limit that is none", { schema: z.string(), maxFrameBytes: Number.NaN }, /maxFrameBytes/],
  ])("refuse %s", (_, options, message) => {
    expect(() => typed(source, options as never)).toThrow(message);
  });

  it("of reads are checked before anything is read", async () => {
    const stream = orders();
    await expect(stream.read({ count: -1 })).rejects.toThrow(/count must be an integer/);
    await expect(stream.read({ maxBytes: 1.5 })).rejects.toThrow(/maxBytes must be an integer/);
    await expect(stream.readSession({ onInvalid: "skip" as never })).rejects.toThrow(/onInvalid must be/);
    expect(source.readWith).toEqual([]);
  });
});
