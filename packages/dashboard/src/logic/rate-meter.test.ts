import { expect, test } from "vitest";
import { RateMeter } from "./rate-meter.js";

const counts = (meter: RateMeter): number[] => meter.points().map((point) => point.records);

test("counts by the second, and forgets what is too old", () => {
  let now = 100_000;
  const meter = new RateMeter(4, () => now);
  meter.add(1, 10);
  meter.add(2, 20);
  expect(meter.points().at(-1)).toEqual({ second: 100, records: 3, bytes: 30 });
  now = 101_999;
  meter.add(5, 50);
  expect(counts(meter)).toEqual([0, 0, 3, 5]);
  expect(meter.last).toEqual({ second: 100, records: 3, bytes: 30 });
  now = 104_000;
  expect(counts(meter)).toEqual([5, 0, 0, 0]);
  now = 900_000;
  expect(counts(meter)).toEqual([0, 0, 0, 0]);
});

test("a clock that is set back loses nothing", () => {
  let now = 100_000;
  const meter = new RateMeter(4, () => now);
  meter.add(1, 1);
  now = 98_000;
  meter.add(1, 1);
  expect(counts(meter)).toEqual([0, 0, 0, 2]);
});
