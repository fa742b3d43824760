import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Accumulation, type Buckets, Gauge } from "./series.js";

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Begins at a whole day. */
const START = 1_699_920_000_000;
const secs = (millis: number): number => millis / 1000;

function range(from: number, to: number, step: number): Buckets {
  return { from: secs(from), to: secs(to), step };
}

describe("an accumulation", () => {
  test("sums what happened by the minute, the hour and the day, and leaves out what is empty", () => {
    const sums = new Accumulation();
    for (const at of [0, 59_999, MINUTE, 61 * MINUTE, 25 * HOUR]) sums.add(START + at, 2);
    expect(sums.points(range(START + 24 * HOUR, START + 26 * HOUR, 60))).toEqual([
      [secs(START + 25 * HOUR), 2],
    ]);
    expect(sums.points(range(START, START + 26 * HOUR, 3600))).toEqual([
      [secs(START), 6],
      [secs(START + HOUR), 2],
      [secs(START + 25 * HOUR), 2],
    ]);
    expect(sums.points(range(START, START + 48 * HOUR, 86_400))).toEqual([
      [secs(START), 8],
      [secs(START + 24 * HOUR), 2],
    ]);
  });

  test("excludes the end and includes the start", () => {
    const sums = new Accumulation();
    for (const at of [0, 1, 2]) sums.add(START + at * MINUTE, 1);
    expect(sums.points(range(START + MINUTE, START + 2 * MINUTE, 60))).toEqual([[secs(START + MINUTE), 1]]);
  });

  test("loses nothing within what it keeps, however the adding is spread", () => {
    const adds = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 * 60 }), fc.integer({ min: 1, max: 9 })));
    fc.assert(
      fc.property(adds, (list) => {
        const sums = new Accumulation();
        const ordered = [...list].sort(([left], [right]) => left - right);
        for (const [minute, amount] of ordered) sums.add(START + minute * MINUTE, amount);
        const expected = ordered.reduce((sum, [, amount]) => sum + amount, 0);
        for (const step of [60, 3600, 86_400]) {
          const points = sums.points(range(START, START + 24 * HOUR, step));
          expect(points.reduce((sum, [, amount]) => sum + amount, 0)).toBe(expected);
        }
      }),
    );
  });

  test("keeps a day by the minute and ninety by the hour, and no more", () => {
    const sums = new Accumulation();
    const days = 200;
    for (let minute = 0; minute < days * 1440; minute += 1) sums.add(START + minute * MINUTE, 1);
    const all = range(START, START + days * 24 * HOUR, 60);
    expect(sums.points(all)).toHaveLength(1440);
    expect(sums.points({ ...all, step: 3600 })).toHaveLength(90 * 24);
  });
});

describe("a gauge", () => {
  const after = secs(START) + 10 * 86_400;

  test("tells what held at each instant, also where nothing changed", () => {
    const gauge = new Gauge();
    gauge.set(START + 30_000, 5);
    gauge.set(START + 31_000, 7);
    gauge.set(START + 3 * MINUTE, 1);
    const values = gauge.points(range(START, START + 6 * MINUTE, 60), after).map(([, value]) => value);
    // A change at an instant does not hold before it.
    expect(values).toEqual([0, 7, 7, 7, 1, 1]);
  });

  test("tells the present value where the interval is not over", () => {
    const gauge = new Gauge();
    gauge.set(START + 5_000, 9);
    expect(gauge.points(range(START, START + MINUTE, 60), secs(START) + 10)).toEqual([[secs(START), 9]]);
  });

  test("keeps a day by the minute and ninety by the hour, and what held before", () => {
    const gauge = new Gauge();
    const days = 120;
    for (let minute = 0; minute < days * 1440; minute += 1) gauge.set(START + minute * MINUTE, minute);
    const end = START + days * 24 * HOUR;
    const lastDay = gauge.points(range(end - 24 * HOUR, end, 60), secs(end) + 86_400);
    expect(lastDay.slice(1).map(([, value]) => value)).toEqual(
      Array.from({ length: 1439 }, (_none, index) => (days - 1) * 1440 + index),
    );
    const before = gauge.points(range(START, START + HOUR, 3600), secs(end) + 86_400);
    expect(before).toEqual([[secs(START), 0]]);
    const hourly = gauge.points(range(end - 89 * 24 * HOUR, end, 3600), secs(end) + 86_400);
    expect(hourly[0]?.[1]).toBe((days - 89) * 1440 - 1);
  });
});
