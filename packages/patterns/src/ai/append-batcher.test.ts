import { createFakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { AppendBatcher } from "./append-batcher.js";

function setUp({ lingerMillis = 25, ackAfter = 0, maxBufferBytes = 32 * 1024 * 1024 } = {}) {
  const clock = createFakeClock(1000);
  const appends: { at: number; bodies: string[] }[] = [];
  const failures: unknown[] = [];
  let failure: unknown;
  const batcher = new AppendBatcher({
    ...{ clock, lingerMillis, maxBufferBytes },
    append: (records) => {
      appends.push({ at: clock.now(), bodies: records.map(({ body }) => String(body)) });
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise<void>((resolve) =>
        ackAfter === 0 ? resolve() : clock.timer(ackAfter, resolve, true),
      );
    },
    onFailure: (error) => failures.push(error),
  });
  return {
    ...{ clock, appends, failures, batcher },
    failWith: (error: unknown) => {
      failure = error;
    },
  };
}

describe("tokens on their way to the store", () => {
  it.each([1, 3, 10, 40])(
    "of a model that gives one every %d ms wait 25 ms at most, in at most 41 appends a second",
    async (pause) => {
      const { clock, appends, batcher } = setUp();
      const addedAt: number[] = [];
      for (let token = 0; clock.now() < 3000; token += 1) {
        addedAt.push(clock.now());
        batcher.add([{ body: String(token) }]);
        await clock.advance(pause);
      }
      await clock.advance(25);
      const sentAt = appends.flatMap(({ at, bodies }) => bodies.map(() => at));
      expect(appends.flatMap(({ bodies }) => bodies)).toEqual(addedAt.map((_, token) => String(token)));
      expect(Math.max(...sentAt.map((at, token) => at - (addedAt[token] as number)))).toBeLessThanOrEqual(25);
      for (let second = 1000; second <= 2000; second += 50) {
        const within = appends.filter(({ at }) => at >= second && at < second + 1000);
        expect(within.length).toBeLessThanOrEqual(41);
      }
      expect(clock.pending).toEqual([]);
    },
  );

  it("leave at once after a pause", async () => {
    const { clock, appends, batcher } = setUp();
    batcher.add([{ body: "a" }]);
    await clock.advance(500);
    batcher.add([{ body: "b" }]);
    expect(appends).toEqual([
      { at: 1000, bodies: ["a"] },
      { at: 1500, bodies: ["b"] },
    ]);
  });

  it("gather behind a store that is slow to acknowledge, and none is lost", async () => {
    const { clock, appends, batcher } = setUp({ ackAfter: 10_000 });
    const tokens = Array.from({ length: 5000 }, (_, token) => String(token));
    for (const token of tokens) {
      batcher.add([{ body: token }]);
      await clock.advance(1);
    }
    expect(appends).toHaveLength(16);
    const flushed = batcher.flush();
    await clock.runUntilIdle();
    await flushed;
    expect(appends.flatMap(({ bodies }) => bodies)).toEqual(tokens);
    expect(appends.length).toBeLessThan(25);
  });

  it("may wait up to a bound, which what is durable is not counted against", async () => {
    const { clock, appends, failures, batcher } = setUp({ ackAfter: 10, maxBufferBytes: 1000 });
    const large = [{ body: "x".repeat(400) }];
    for (let count = 0; count < 5; count += 1) {
      batcher.add(large);
      await clock.advance(50);
    }
    expect([appends.length, failures]).toEqual([5, []]);
    batcher.add(large);
    batcher.add(large);
    batcher.add(large);
    expect(failures).toMatchObject([{ code: "BUFFER_LIMIT" }]);
    await batcher.flush();
    batcher.add(large);
    expect(failures).toHaveLength(1);
  });

  it("are cut into batches that the service takes", async () => {
    const { appends, batcher } = setUp();
    batcher.add(Array.from({ length: 2500 }, () => ({ body: "x" })));
    batcher.add(Array.from({ length: 4 }, () => ({ body: "y".repeat(300_000) })));
    await batcher.flush();
    expect(appends.map(({ bodies }) => bodies.length)).toEqual([1000, 1000, 500, 1, 1, 1, 1]);
  });

  it("are not waited for once they are given up, though an append never settles", async () => {
    const { batcher, failures } = setUp({ ackAfter: 100_000 });
    batcher.add([{ body: "a" }]);
    const flushed = batcher.flush().then(() => "flushed");
    batcher.fail(new Error("the lease has run out"));
    await flushMicrotasks();
    expect(await Promise.race([flushed, Promise.resolve("waits")])).toBe("flushed");
    expect(failures).toHaveLength(1);
  });

  it("are given up when an append fails, and that is told once", async () => {
    const { clock, appends, failures, batcher, failWith } = setUp();
    const error = new Error("no");
    failWith(error);
    batcher.add([{ body: "a" }]);
    batcher.add([{ body: "b" }]);
    await flushMicrotasks();
    batcher.add([{ body: "c" }]);
    await batcher.flush();
    expect([appends.length, failures, batcher.hasFailed]).toEqual([1, [error], true]);
    expect(clock.pending).toEqual([]);
  });
});
