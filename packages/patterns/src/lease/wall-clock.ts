import { type Clock, createSystemClock } from "@s2-dev/streamstore-core/transport";

/** The runtime's timers, and the time of day: deadlines are compared between machines. */
export function createWallClock(): Clock {
  return { ...createSystemClock(), now: () => Date.now() };
}
