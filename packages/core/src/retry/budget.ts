import type { S2Error } from "../error/s2-error.js";
import { type Clock, MAX_TIMER } from "../util/clock.js";
import type { RetrySettings } from "./settings.js";

/** Attempts of a unary call when none are configured. */
const DEFAULT_CALL_ATTEMPTS = 3;
/** How long a session keeps trying without progress when no number of attempts is configured, in milliseconds. */
export const SESSION_PATIENCE = 30_000;
/** Least time between two attempts that draining or advice asked for, in milliseconds. */
const DRAINING_INTERVAL = 250;
/** How long attempts that draining asked for are free of the budget, in milliseconds. */
const DRAINING_GRACE = 60_000;

/**
 * Decides, for calls and sessions alike, whether another attempt is made and after which delay.
 * One per call or session; progress starts it anew.
 */
export class RetryBudget {
  readonly #settings: RetrySettings;
  readonly #kind: "call" | "session";
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  #attempts = 0;
  #failures = 0;
  #firstFailureAt: number | undefined;
  #drainingSince: number | undefined;
  #attemptStartedAt: number;

  constructor(
    settings: RetrySettings,
    kind: "call" | "session",
    clock: Pick<Clock, "now">,
    random: () => number,
  ) {
    this.#settings = settings;
    this.#kind = kind;
    this.#clock = clock;
    this.#random = random;
    this.#attemptStartedAt = clock.now();
  }

  /** Attempts since the last progress, the one that made it and the one under way included. */
  get attempts(): number {
    return this.#attempts;
  }

  /** An operation begins that owes nothing to the attempts before. */
  startAnew(): void {
    this.#attempts = 0;
  }

  attemptStarted(): void {
    this.#attempts += 1;
    this.#attemptStartedAt = this.#clock.now();
  }

  /** Something valid arrived: what failed before no longer counts. */
  progress(): void {
    this.#attempts = 1;
    this.#failures = 0;
    this.#firstFailureAt = undefined;
    this.#drainingSince = undefined;
  }

  /**
   * Counts a failure. Returns the delay before the next attempt in milliseconds, or `undefined` to give up.
   * `repeatable` says whether doing it again is allowed as far as side effects go; no attempt is made after `giveUpAt`
   * (in the clock's milliseconds), even where attempts are unlimited.
   */
  delayAfter(error: S2Error, repeatable: boolean, giveUpAt = Number.POSITIVE_INFINITY): number | undefined {
    const now = this.#clock.now();
    this.#failures += 1;
    if (!error.retryable || !repeatable) return undefined;
    const delay = error.code === "server_draining" ? this.#delayWhileDraining(now) : this.#delayCounted(now);
    if (delay === undefined) return undefined;
    const asked = Math.min(error.retryAfterMillis ?? 0, MAX_TIMER);
    const longest = Math.max(delay, asked);
    if (now + longest > giveUpAt) return undefined;
    this.#settings.onRetry?.(error, longest);
    return longest;
  }

  #delayCounted(now: number): number | undefined {
    this.#firstFailureAt ??= now;
    return this.#isSpent(now) ? undefined : this.#backoff();
  }

  #delayWhileDraining(now: number): number | undefined {
    this.#drainingSince ??= now;
    const pause = this.delayAfterAdvice();
    if (now - this.#drainingSince >= DRAINING_GRACE) {
      const backoff = this.#delayCounted(now);
      return backoff === undefined ? undefined : Math.max(backoff, pause);
    }
    this.#failures -= 1;
    return pause;
  }

  /** The delay before following an advice to reconnect, in milliseconds. */
  delayAfterAdvice(): number {
    return Math.max(DRAINING_INTERVAL - (this.#clock.now() - this.#attemptStartedAt), 0);
  }

  #isSpent(now: number): boolean {
    const { maxAttempts } = this.#settings;
    if (maxAttempts === "unlimited") return false;
    if (maxAttempts !== undefined) return this.#failures >= maxAttempts;
    if (this.#kind === "call") return this.#failures >= DEFAULT_CALL_ATTEMPTS;
    return now - (this.#firstFailureAt ?? now) >= SESSION_PATIENCE;
  }

  /** Exponential, with up to as much again at random (s2-api 7.2). */
  #backoff(): number {
    const { minBaseDelayMillis, maxBaseDelayMillis } = this.#settings;
    const doublings = Math.min(this.#failures - 1, 30);
    const base = Math.min(maxBaseDelayMillis, minBaseDelayMillis * 2 ** doublings);
    return base + this.#random() * base;
  }
}
