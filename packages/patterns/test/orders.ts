import { expect } from "vitest";
import { z } from "zod";
import { type InvalidMessageError, typed } from "../src/typed/index.js";
import type { MemorySource } from "./memory-source.js";

/** What the tests of the typed client write and read. */
export const Order = z.object({ id: z.string(), items: z.array(z.object({ price: z.number() })) });

export const ordersIn = (source: MemorySource) => typed(source, { schema: Order, key: ({ id }) => id });

/** The bodies of the records that were stored, as text. */
export const bodiesIn = (source: MemorySource) =>
  source.stream.records.map(({ body }) => new TextDecoder().decode(body));

/** The headers of a record that was stored, as text. */
export const headersIn = (source: MemorySource, index: number) =>
  source.stream.records[index]?.headers.map((header) =>
    header.map((part) => new TextDecoder().decode(part)).join("="),
  );

/** What a promise rejects with. */
export const failureOf = (promise: Promise<unknown>): Promise<InvalidMessageError> =>
  promise.then(
    () => expect.unreachable("it did not fail"),
    (error: unknown) => error as InvalidMessageError,
  );

/** The values of messages, which must end by themselves. */
export async function valuesOf(messages: AsyncIterable<{ readonly value?: unknown }>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of messages) values.push(value);
  return values;
}
