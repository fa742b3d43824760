import type { Clock } from "@s2-dev/streamstore-core/transport";

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves the time on and fires what is due, in order. */
  advance(millis: number): void;
  /** Timers not fired and not cancelled. */
  readonly pending: number;
}

export function createFakeClock(): FakeClock {
  let now = 0;
  const timers = new Set<{ due: number; fire: () => void }>();
  return {
    now: () => now,
    timer(ms, fire) {
      const timer = { due: now + ms, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(millis) {
      const end = now + millis;
      for (;;) {
        const due = [...timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
        if (due === undefined) break;
        timers.delete(due);
        now = due.due;
        due.fire();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
  };
}
