import { describe, expect, it } from "vitest";
import { collect, flushMicrotasks, observe } from "../testing/index.js";
import { asyncIteratorOf } from "./iterate.js";

const source = () => {
  const cancelled: unknown[] = [];
  let controller!: ReadableStreamDefaultController<number>;
  const stream = new ReadableStream<number>({
    start(given) {
      controller = given;
    },
    cancel(reason) {
      cancelled.push(reason);
    },
  });
  return { stream, controller, cancelled, iterator: asyncIteratorOf(stream) };
};

describe("iterating a stream [D1-40]", () => {
  it("gives what it gives, and lets it go at the end", async () => {
    const { stream, controller, iterator } = source();
    controller.enqueue(1);
    controller.enqueue(2);
    controller.close();
    expect(await collect(iterator)).toEqual([1, 2]);
    expect(stream.locked).toBe(false);
  });

  it("cancels it when the loop is left early", async () => {
    const { stream, controller, iterator, cancelled } = source();
    controller.enqueue(1);
    for await (const _ of iterator) break;
    expect(cancelled).toHaveLength(1);
    expect(stream.locked).toBe(false);
  });

  it("throws what it throws, then is over", async () => {
    const { stream, controller, iterator } = source();
    controller.error(new Error("broken"));
    await expect(iterator.next()).rejects.toThrow("broken");
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(stream.locked).toBe(false);
  });

  it("serves overlapping calls in order, also across the end", async () => {
    const { controller, iterator } = source();
    const results = [1, 2, 3].map(() => observe(iterator.next()));
    controller.enqueue(7);
    controller.close();
    await flushMicrotasks();
    expect(results.map(({ value }) => value?.value)).toEqual([7, undefined, undefined]);
  });

  it("may be returned from twice, after the end, and while a call is pending", async () => {
    const { iterator, cancelled } = source();
    const pending = observe(iterator.next());
    await iterator.return?.();
    await iterator.return?.();
    await flushMicrotasks();
    expect(pending.value).toEqual({ done: true, value: undefined });
    expect(cancelled).toHaveLength(1);
  });

  it("ends with `await using`", async () => {
    const { controller, iterator, cancelled } = source();
    controller.enqueue(1);
    {
      await using held = iterator;
      await held.next();
    }
    expect(cancelled).toHaveLength(1);
  });
});
