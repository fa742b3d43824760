// What examples in docstrings name without saying where it comes from, as a reader would understand it. What a public
// entry exports is known anyway.
import type { ReadRecord, S2, S2Stream } from "@s2-dev/streamstore";
import type { TypedMessage, TypedStream } from "@s2-dev/streamstore-patterns/typed";
import type { LanguageModel, UIMessage } from "ai";
import type { Hono } from "hono";
import { z } from "zod";

export { readUIMessageStream, streamText } from "ai";
export { z };

export declare const s2: S2;
export declare const stream: S2Stream;
export declare function streamOf(name: string): S2Stream;

export declare const app: Hono;
export declare const user: string;
export declare const model: LanguageModel;
export declare const prompt: string;
export declare const message: UIMessage;

export declare const saved: string;
export declare function save(record: ReadRecord<"string">, cursor: string): void;
export declare function reload(from: number, to: number): void;
export declare const view: {
  add(record: ReadRecord<"string">): void;
  update(record: ReadRecord<"string">): void;
  show(): void;
};

interface Order {
  readonly id: string;
  readonly amount: number;
}
export declare const orders: TypedStream<[order: Order], TypedMessage<Order>>;
export declare function show(order: Order): void;
export const OrderV1 = z.object({ id: z.string() });
export const OrderV2 = OrderV1.extend({ currency: z.string() });
export const schema = z.object({ name: z.string(), bytes: z.instanceof(Uint8Array) });

export declare function test(name: string, run: () => Promise<void>): void;
