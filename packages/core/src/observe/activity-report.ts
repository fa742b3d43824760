import type { S2Error } from "../error/s2-error.js";
import type { WireResponse } from "../transport/index.js";
import type { Clock } from "../util/clock.js";
import type { Activity, Hooks } from "./hooks.js";

/** Tells the hooks what one call or session does, and keeps count of it. */
export class ActivityReport {
  readonly activity: Activity;
  readonly hooks: Hooks;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #attempts = 0;
  #isOpened = false;
  #batches = 0;
  #records = 0;
  #bytes = 0;
  requestBytes = 0;
  /** The last answer of a call. */
  response: WireResponse | undefined;

  constructor(hooks: Hooks, clock: Clock, activity: Activity) {
    this.hooks = hooks;
    this.activity = activity;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  now(): number {
    return this.#clock.now();
  }

  callStarted(): void {
    this.hooks.callStarted?.({ activity: this.activity });
  }

  callFinished(error: S2Error | undefined, records: number | undefined): void {
    const { activity, requestBytes, response } = this;
    const responseBytes = response?.body.length ?? 0;
    const durationMillis = this.now() - this.#startedAt;
    const attempts = this.#attempts;
    this.hooks.callFinished?.({
      activity,
      durationMillis,
      attempts,
      requestBytes,
      responseBytes,
      records,
      error,
    });
  }

  sessionStarted(): void {
    this.hooks.sessionStarted?.({ activity: this.activity });
  }

  sessionEnded(error: S2Error | undefined): void {
    this.hooks.sessionEnded?.({
      activity: this.activity,
      durationMillis: this.now() - this.#startedAt,
      totals: { batches: this.#batches, records: this.#records, bytes: this.#bytes },
      error,
    });
  }

  retryScheduled(error: S2Error, delayMillis: number): void {
    const { activity } = this;
    const attempt = this.#attempts;
    if (error.code === "server_draining") {
      this.hooks.reconnectAdvised?.({ activity, attempt, reason: "draining" });
    }
    this.hooks.retryScheduled?.({ activity, attempt, delayMillis, error });
  }

  tokenRenewed(): void {
    this.hooks.tokenRenewed?.({ activity: this.activity, attempt: this.#attempts });
  }

  attemptStarted(): AttemptReport {
    this.#attempts += 1;
    const attempt = this.#attempts;
    this.hooks.attemptStarted?.({ activity: this.activity, attempt });
    return new AttemptReport(this, attempt);
  }

  /** A link is open: the first, or one that goes on at `from`. */
  linkOpened(attempt: number, from: { readonly seq_num: number } | undefined): void {
    const { activity } = this;
    if (this.#isOpened) {
      this.hooks.resumed?.({ activity, attempt, from });
      return;
    }
    this.#isOpened = true;
    this.hooks.sessionOpened?.({ activity, attempt, latencyMillis: this.now() - this.#startedAt });
  }

  count(records: number, bytes: number): void {
    this.#batches += 1;
    this.#records += records;
    this.#bytes += bytes;
  }
}

/** Tells of one attempt; its end only once. */
export class AttemptReport {
  readonly attempt: number;
  readonly #report: ActivityReport;
  readonly #startedAt: number;
  #isOver = false;

  constructor(report: ActivityReport, attempt: number) {
    this.#report = report;
    this.attempt = attempt;
    this.#startedAt = report.now();
  }

  ended(error: S2Error | undefined, status?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { hooks, activity } = this.#report;
    const durationMillis = this.#report.now() - this.#startedAt;
    hooks.attemptEnded?.({ activity, attempt: this.attempt, durationMillis, status, error });
  }
}
