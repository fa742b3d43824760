import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import { failureOf, headersIn, ordersIn, valuesOf } from "../../test/orders.js";
import { typed, upcast } from "./index.js";

const _MIB = 1024 * 1024;

let source: MemorySource;
beforeEach(() => {
  source = new MemorySource();
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
    expect([0, 1, 2].map((index) => headersIn(source, index))).toEqual([[], ["_version=2"], ["_version=3"]]);
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
    const stream = ordersIn(source);
    await expect(stream.read({ count: -1 })).rejects.toThrow(/count must be an integer/);
    await expect(stream.read({ maxBytes: 1.5 })).rejects.toThrow(/maxBytes must be an integer/);
    await expect(stream.readSession({ onInvalid: "skip" as never })).rejects.toThrow(/onInvalid must be/);
    expect(source.readWith).toEqual([]);
  });
});
