import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import {
  type Codec,
  type InferInput,
  type InferOutput,
  type InvalidMessage,
  type StandardSchema,
  type TypedMessage,
  typed,
} from "./index.js";

const source = new MemorySource();
const Order = z.object({ id: z.string(), amount: z.coerce.number<string>(), note: z.string().default("") });
type OrderIn = { id: string; amount: string; note?: string | undefined };
type OrderOut = { id: string; amount: number; note: string };

describe("types", () => {
  it("are those that a validator of any library takes and gives", async () => {
    const ark = type({ name: "string", "age?": "number" });
    const valibot = v.object({ name: v.string(), tag: v.optional(v.string(), "none") });
    const arks = typed(source, { schema: ark });
    expectTypeOf(arks.append).parameter(0).toEqualTypeOf<{ name: string; age?: number }>();
    expectTypeOf(await arks.read()).toEqualTypeOf<TypedMessage<{ name: string; age?: number }>[]>();
    const valibots = typed(source, { schema: valibot });
    expectTypeOf(valibots.append).parameter(0).toEqualTypeOf<{ name: string; tag?: string | undefined }>();
    expectTypeOf(await valibots.read()).toEqualTypeOf<TypedMessage<{ name: string; tag: string }>[]>();
    const zods = typed(source, { schema: Order });
    expectTypeOf(zods.append).parameter(0).toEqualTypeOf<OrderIn>();
    expectTypeOf(await zods.read()).toEqualTypeOf<TypedMessage<OrderOut>[]>();
  });

  it("take the validators of the standard, and are inferred as by it", () => {
    expectTypeOf<StandardSchemaV1<string, number>>().toExtend<StandardSchema<string, number>>();
    expectTypeOf<InferInput<typeof Order>>().toEqualTypeOf<StandardSchemaV1.InferInput<typeof Order>>();
    expectTypeOf<InferOutput<typeof Order>>().toEqualTypeOf<StandardSchemaV1.InferOutput<typeof Order>>();
  });

  it("refuse values and metadata that do not fit, before anything runs", () => {
    const orders = typed(source, { schema: Order, key: ({ id }) => id });
    // @ts-expect-error the amount is missing
    void (() => orders.append({ id: "a" }));
    // @ts-expect-error there is no such metadata
    void (() => orders.append({ id: "a", amount: "1" }, { colour: "red" }));
    void (() =>
      orders.append({ id: "a", amount: "1" }, { type: "anything", key: "k" }, { match_seq_num: 0 }));
  });

  it("reach through sessions, both ways", async () => {
    const orders = typed(source, { schema: Order });
    const session = await orders.appendSession();
    expectTypeOf(session.submit).parameter(0).toEqualTypeOf<OrderIn>();
    expectTypeOf(session.writable.getWriter().write)
      .parameter(0)
      .toExtend<{ value: OrderIn; key?: string | undefined } | undefined>();
    const read = await orders.readSession({ seq_num: 0 });
    expectTypeOf(read[Symbol.asyncIterator]().next)
      .returns.resolves.toHaveProperty("value")
      .toEqualTypeOf<TypedMessage<OrderOut> | undefined>();
    expectTypeOf(read.toReadableStream()).toEqualTypeOf<ReadableStream<TypedMessage<OrderOut>>>();
    expectTypeOf(orders.follow()).toEqualTypeOf<AsyncIterable<TypedMessage<OrderOut>>>();
  });

  it("have invalid messages only where they are asked for", async () => {
    const orders = typed(source, { schema: Order });
    expectTypeOf(await orders.read({ onInvalid: "throw" })).toEqualTypeOf<TypedMessage<OrderOut>[]>();
    expectTypeOf(await orders.read({ onInvalid: () => {} })).toEqualTypeOf<TypedMessage<OrderOut>[]>();
    // @ts-expect-error there is no such argument
    void (() => orders.read({ cuont: 5, onInvalid: "raw" }));
    const all = await orders.read({ onInvalid: "raw" });
    expectTypeOf(all).toEqualTypeOf<(TypedMessage<OrderOut> | InvalidMessage)[]>();
    for (const message of all) {
      if (message.error !== undefined) expectTypeOf(message.payload).toEqualTypeOf<Uint8Array>();
      else expectTypeOf(message.value).toEqualTypeOf<OrderOut>();
    }
  });

  it("of a union follow from the header that tells its types apart", async () => {
    const events = typed(source, {
      union: {
        created: z.object({ name: z.string() }),
        renamed: { schema: v.object({ to: v.string() }), version: 2 },
      },
    });
    void (() => events.append({ name: "a" }, { type: "created" }));
    void (() => events.append({ to: "b" }, { type: "renamed", key: "k" }, { fencing_token: "t" }));
    // @ts-expect-error the value is that of another type
    void (() => events.append({ name: "a" }, { type: "renamed" }));
    // @ts-expect-error a type is required
    void (() => events.append({ name: "a" }));
    // @ts-expect-error there is no such type
    void (() => events.append({ name: "a" }, { type: "deleted" }));
    void (() => events.appendBatch([{ value: { name: "a" }, type: "created" }]));
    for (const message of await events.read()) {
      if (message.type === "created") expectTypeOf(message.value).toEqualTypeOf<{ name: string }>();
      else expectTypeOf(message.value).toEqualTypeOf<{ to: string }>();
    }
  });

  it("of a stream without a schema are those of its codec", async () => {
    const codec: Codec<Date> = {
      encode: (date) => new TextEncoder().encode(date.toISOString()),
      decode: (bytes) => new Date(new TextDecoder().decode(bytes)),
    };
    const dates = typed(source, { codec });
    expectTypeOf(dates.append).parameter(0).toEqualTypeOf<Date>();
    expectTypeOf(await dates.read()).toEqualTypeOf<TypedMessage<Date>[]>();
  });
});
