/**
 * Time as a value. Everything in this package that waits takes a `Clock`, so a test can own the time.
 */
export interface Clock {
  /** Milliseconds from any fixed origin; never goes back. */
  now(): number;
  /**
   * Calls `fire` once after `ms` milliseconds and returns a function that cancels it.
   * `keepAlive` says whether the pending timer alone keeps the process running.
   */
  timer(ms: number, fire: () => void, keepAlive: boolean): () => void;
}

/** What this package needs of the runtime's timers; looked up at call time, so fake timers work too. */
interface TimerGlobals {
  setTimeout(fire: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
  performance: { now(): number };
}

function hasUnref(handle: unknown): handle is { unref(): void } {
  return (
    typeof handle === "object" && handle !== null && "unref" in handle && typeof handle.unref === "function"
  );
}

/** The runtime's own clock. */
export function createSystemClock(): Clock {
  const runtime = globalThis as unknown as TimerGlobals;
  return {
    now: () => runtime.performance.now(),
    timer(ms, fire, keepAlive) {
      const handle = runtime.setTimeout(fire, ms);
      if (!keepAlive && hasUnref(handle)) handle.unref();
      return () => runtime.clearTimeout(handle);
    },
  };
}

/** The longest timer that every runtime accepts, in milliseconds. */
export const MAX_TIMER = 2 ** 31 - 1;
