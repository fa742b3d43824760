import { type } from "arktype";
import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import { bodiesIn, failureOf, headersIn, type Order, ordersIn, valuesOf } from "../../test/orders.js";
import { DeserializingReadSession } from "../serialization/deserializing-read-session.js";
import { InvalidMessageError, typed } from "./index.js";

const MIB = 1024 * 1024;

let source: MemorySource;
beforeEach(() => {
  source = new MemorySource();
});

describe("appending", () => {
  it("stores a message as one record whose body is the value in JSON", async () => {
    expect(await ordersIn(source).append({ id: "a", items: [] })).toEqual({ start: 0, end: 1 });
    expect(bodiesIn(source)).toEqual(['{"id":"a","items":[]}']);
  });

  it("stores metadata in headers, and gives them back", async () => {
    const stream = ordersIn(source);
    const meta = { id: "m1", type: "order", timestamp: 1234, headers: { trace: "abc", wide: "é" } };
    await stream.append({ id: "a", items: [] }, meta);
    expect(headersIn(source, 0)).toEqual([
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
    expect(headersIn(source, 2)).toEqual(["kind=n", "about=k"]);
  });

  it("refuses a value that does not fit before anything is sent, naming every place", async () => {
    const bad = { id: 7, items: [{ price: 1 }, { price: "2" }] } as unknown as z.input<typeof Order>;
    const error = await failureOf(ordersIn(source).append(bad));
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
    expect(bodiesIn(source)).toEqual(['{"amount":"12"}']);
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
    const stream = ordersIn(source);
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
    await expect(ordersIn(source).append({ id: "a", items: [] }, meta as never)).rejects.toThrow(message);
    expect(source.stream.batches).toEqual([]);
  });

  it("refuses a message beyond maxFrameBytes", async () => {
    const stream = typed(source, { schema: z.string(), maxFrameBytes: 10 });
    await stream.append("12345678");
    await expect(stream.append("123456789")).rejects.toMatchObject({ code: "FRAME_SIZE", bytes: 11 });
  });
});
