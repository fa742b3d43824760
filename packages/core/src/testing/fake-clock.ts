import type { Clock } from "../util/clock.js";
import { flushMicrotasks } from "./flush-microtasks.js";

/** A timer that has neither fired nor been cancelled. */
export interface PendingTimer {
  /** When it fires, in the clock's milliseconds. */
  readonly dueAt: number;
  /** Whether it would keep the process running. */
  readonly keepAlive: boolean;
}

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /** What has been armed and not yet fired or cancelled, soonest first. Empty: no timer has leaked. */
  readonly pending: readonly PendingTimer[];
  /** Moves on by `ms`, firing what falls due in order; promises settle before, in between and after. */
  advance(ms: number): Promise<void>;
  /** Time passes and nothing runs, as when a program blocks its event loop. What fell due fires late. */
  block(ms: number): void;
  /** One round of the event loop's timers: fires what is due and was armed before, not what that arms in turn. */
  turn(): Promise<void>;
  /** Moves on to the next timer and fires it. False: there was none. */
  runNext(): Promise<boolean>;
  /** Fires timers until none is left. Throws after `limit` of them (default 1000), for a timer that re-arms for ever. */
  runUntilIdle(limit?: number): Promise<void>;
}

interface Timer extends PendingTimer {
  readonly fire: () => void;
}

/** Makes a clock for tests. It starts at `startAt` (default 0) milliseconds. */
export function createFakeClock(startAt = 0): FakeClock {
  let now = startAt;
  /** In the order they fire. */
  const timers: Timer[] = [];

  const remove = (timer: Timer): boolean => {
    const index = timers.indexOf(timer);
    if (index >= 0) timers.splice(index, 1);
    return index >= 0;
  };
  const fire = async (timer: Timer): Promise<void> => {
    remove(timer);
    now = Math.max(now, timer.dueAt);
    timer.fire();
    await flushMicrotasks();
  };

  const clock: FakeClock = {
    now: () => now,
    timer(ms, onFire, keepAlive) {
      const timer = { dueAt: now + Math.max(0, ms), keepAlive, fire: onFire };
      const later = timers.findIndex((other) => other.dueAt > timer.dueAt);
      timers.splice(later < 0 ? timers.length : later, 0, timer);
      return () => {
        remove(timer);
      };
    },
    get pending() {
      return timers.map(({ dueAt, keepAlive }) => ({ dueAt, keepAlive }));
    },
    async advance(ms) {
      const until = now + ms;
      await flushMicrotasks();
      for (let next = timers[0]; next !== undefined && next.dueAt <= until; next = timers[0])
        await fire(next);
      now = Math.max(now, until);
      await flushMicrotasks();
    },
    block(ms) {
      now += ms;
    },
    async turn() {
      const due = timers.filter(({ dueAt }) => dueAt <= now);
      for (const timer of due) if (timers.includes(timer)) await fire(timer);
    },
    async runNext() {
      await flushMicrotasks();
      const next = timers[0];
      if (next === undefined) return false;
      await fire(next);
      return true;
    },
    async runUntilIdle(limit = 1000) {
      for (let fired = 0; await clock.runNext(); fired += 1) {
        if (fired >= limit) throw new Error(`${limit} timers have fired and there is still one pending`);
      }
    },
  };
  return clock;
}
