import type { Clock } from "@s2-dev/streamstore-core/transport";

/** A clock that also knows what day it is. */
export interface ServiceClock extends Clock {
  /** Milliseconds since the epoch; fractions are microseconds. */
  epoch(): number;
}

/**
 * Completes a clock: its own `epoch` when it has one, else `now()` counted from the wall time of this call, so that
 * a clock which a test advances moves the days too.
 */
export function createServiceClock(clock: Clock | ServiceClock | undefined): ServiceClock {
  if (clock === undefined) return createSystemServiceClock();
  if ("epoch" in clock) return clock;
  const origin = Date.now() - clock.now();
  return {
    now: () => clock.now(),
    timer: (ms, fire, keepAlive) => clock.timer(ms, fire, keepAlive),
    epoch: () => origin + clock.now(),
  };
}

function createSystemServiceClock(): ServiceClock {
  return {
    now: () => performance.now(),
    timer(ms, fire, keepAlive) {
      const handle = setTimeout(fire, ms);
      if (!keepAlive) handle.unref();
      return () => clearTimeout(handle);
    },
    epoch: () => Date.now(),
  };
}

/** RFC 3339 in UTC, as the service writes it: no trailing zeros in the fraction. */
export function rfc3339(epochMillis: number): string {
  const micros = Math.round(epochMillis * 1000);
  const seconds = new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19);
  const fraction = String(micros % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
