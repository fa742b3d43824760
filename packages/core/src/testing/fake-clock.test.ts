import { describe, expect, it } from "vitest";
import { createFakeClock } from "./fake-clock.js";

describe("a fake clock", () => {
  it("stands still until it is moved", async () => {
    const clock = createFakeClock(7);
    await new Promise(setImmediate);
    expect(clock.now()).toBe(7);
  });

  it("fires what falls due, in order of time and then of arming, at its time", async () => {
    const clock = createFakeClock();
    const fired: [string, number][] = [];
    const arm = (name: string, ms: number): unknown =>
      clock.timer(ms, () => fired.push([name, clock.now()]), true);
    arm("late", 30);
    arm("early", 10);
    arm("early too", 10);
    arm("never", 31);
    await clock.advance(30);
    expect(fired).toEqual([
      ["early", 10],
      ["early too", 10],
      ["late", 30],
    ]);
    expect(clock.now()).toBe(30);
  });

  it("fires what a timer arms within the same time", async () => {
    const clock = createFakeClock();
    const fired: number[] = [];
    clock.timer(10, () => clock.timer(10, () => fired.push(clock.now()), true), true);
    await clock.advance(20);
    expect(fired).toEqual([20]);
  });

  it("lets promises settle between two timers", async () => {
    const clock = createFakeClock();
    const seen: string[] = [];
    clock.timer(1, () => void Promise.resolve().then(() => seen.push("promise")), true);
    clock.timer(1, () => seen.push("timer"), true);
    await clock.advance(1);
    expect(seen).toEqual(["promise", "timer"]);
  });

  it("shows what is pending, so that a leak can be seen", async () => {
    const clock = createFakeClock();
    const cancel = clock.timer(5, () => {}, false);
    clock.timer(3, () => {}, true);
    expect(clock.pending).toEqual([
      { dueAt: 3, keepAlive: true },
      { dueAt: 5, keepAlive: false },
    ]);
    await clock.advance(3);
    cancel();
    cancel();
    expect(clock.pending).toEqual([]);
  });

  it("fires late after a block, one round a turn", async () => {
    const clock = createFakeClock();
    const fired: string[] = [];
    clock.timer(
      10,
      () => {
        fired.push("first");
        clock.timer(0, () => fired.push("armed by it"), true);
      },
      true,
    );
    clock.block(1000);
    expect(fired).toEqual([]);
    await clock.turn();
    expect(fired).toEqual(["first"]);
    await clock.turn();
    expect(fired).toEqual(["first", "armed by it"]);
    expect(clock.now()).toBe(1000);
  });

  it("runs to the next timer, or until none is left", async () => {
    const clock = createFakeClock();
    const fired: number[] = [];
    for (const ms of [5, 50, 500]) clock.timer(ms, () => fired.push(ms), true);
    expect(await clock.runNext()).toBe(true);
    expect(clock.now()).toBe(5);
    await clock.runUntilIdle();
    expect(fired).toEqual([5, 50, 500]);
    expect(await clock.runNext()).toBe(false);
  });

  it("does not run a timer that re-arms for ever for ever", async () => {
    const clock = createFakeClock();
    const rearm = (): unknown => clock.timer(1, rearm, true);
    rearm();
    await expect(clock.runUntilIdle(20)).rejects.toThrow("20 timers");
  });
});
