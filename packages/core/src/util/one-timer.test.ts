import { expect, it } from "vitest";
import { createFakeClock } from "../testing/index.js";
import { OneTimer } from "./one-timer.js";

it("a timer of its kind replaces the one before, and knows when it ends", async () => {
  const clock = createFakeClock();
  const timer = new OneTimer(clock);
  const fired: string[] = [];
  timer.start(100, true, () => fired.push("first"));
  timer.start(50, false, () => fired.push("second"));
  expect(timer.endsAt).toBe(50);
  expect(clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([false]);
  await clock.advance(200);
  expect(fired).toEqual(["second"]);
  timer.start(10, true, () => fired.push("third"));
  timer.stop();
  timer.stop();
  await clock.advance(200);
  expect(fired).toEqual(["second"]);
  expect(clock.pending).toEqual([]);
});
