import { type Clock, createSystemClock } from "@s2-dev/streamstore-core/session";

/** A clock on which time passes so many times faster, for what takes tens of seconds. */
export function createFastClock(factor: number): Clock {
  const system = createSystemClock();
  return {
    now: () => system.now() * factor,
    timer: (ms, fire, keepAlive) => system.timer(ms / factor, fire, keepAlive),
  };
}
