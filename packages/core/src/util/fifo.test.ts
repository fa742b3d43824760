import { describe, expect, it } from "vitest";
import { Fifo } from "./fifo.js";

const filled = (count: number): Fifo<number> => {
  const fifo = new Fifo<number>();
  for (let item = 0; item < count; item += 1) fifo.push(item);
  return fifo;
};

describe("a FIFO", () => {
  it("gives what was pushed, in order, and then nothing", () => {
    const fifo = filled(3);
    expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([0, 1, 2, undefined]);
    expect(fifo.length).toBe(0);
    expect(fifo.peek()).toBeUndefined();
  });

  it("moves no more items than pass through it, however many are in it [D1-20]", () => {
    const list = Array.prototype as unknown as Record<
      "slice" | "shift" | "splice",
      (...args: never[]) => unknown
    >;
    const { slice, shift, splice } = list;
    let moved = 0;
    const counting = (move: (...args: never[]) => unknown) =>
      function (this: unknown[], ...args: never[]): unknown {
        moved += this.length;
        return move.apply(this, args);
      };
    const fifo = new Fifo<number>();
    const items = 100_000;
    try {
      for (const [name, move] of Object.entries({ slice, shift, splice }))
        list[name as "slice"] = counting(move);
      for (let item = 0; item < items; item += 1) fifo.push(item);
      for (let item = 0; item < items; item += 1) fifo.push(fifo.shift() ?? -1);
      while (fifo.shift() !== undefined) {}
    } finally {
      Object.assign(list, { slice, shift, splice });
    }
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThanOrEqual(6 * items);
  });

  it("keeps its order while it is filled and emptied by turns, far beyond its compaction [D1-20]", () => {
    const fifo = new Fifo<number>();
    let next = 0;
    let expected = 0;
    for (let round = 0; round < 3000; round += 1) {
      for (let count = 0; count < 3; count += 1) fifo.push(next++);
      for (let count = 0; count < 2; count += 1) expect(fifo.shift()).toBe(expected++);
      expect(fifo.length).toBe(next - expected);
      expect(fifo.peek()).toBe(expected);
      expect(fifo.at(fifo.length - 1)).toBe(next - 1);
    }
    expect([...fifo]).toEqual(Array.from({ length: next - expected }, (_, index) => expected + index));
  });

  it("can be used again after it was cleared", () => {
    const fifo = filled(5);
    fifo.shift();
    fifo.clear();
    expect([fifo.length, fifo.shift(), fifo.at(0)]).toEqual([0, undefined, undefined]);
    fifo.push(9);
    expect([...fifo]).toEqual([9]);
  });
});
