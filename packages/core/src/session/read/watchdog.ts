import type { Clock } from "../../util/clock.js";
import { SILENCE_LIMIT } from "./bounds.js";

/** How often it looks within the limit. */
const TICKS = 4;

/** What the watchdog looks at. */
export interface Watched {
  /** Grows with every byte received. */
  readonly bytesReceived: number;
  /** Whether anything is awaited: a consumer that does not ask makes the wire silent by itself. */
  readonly isAwaited: boolean;
}

/** Notices that a link has gone silent. One timer a link, four ticks a limit, none a frame. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #watched: Watched;
  readonly #onSilent: () => void;
  #bytes = 0;
  #silentSince: number;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, watched: Watched, onSilent: () => void) {
    this.#clock = clock;
    this.#watched = watched;
    this.#onSilent = onSilent;
    this.#silentSince = clock.now();
    this.#arm();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    this.#cancelTimer = this.#clock.timer(SILENCE_LIMIT / TICKS, () => this.#tick(), false);
  }

  #tick(): void {
    if (!this.#isSilent()) return this.#arm();
    // A blocked event loop fires late: one turn of I/O lets bytes that are already here be counted first.
    this.#cancelTimer = this.#clock.timer(
      0,
      () => {
        if (this.#isSilent()) this.#onSilent();
        else this.#arm();
      },
      false,
    );
  }

  #isSilent(): boolean {
    const now = this.#clock.now();
    const { bytesReceived, isAwaited } = this.#watched;
    if (!isAwaited || bytesReceived !== this.#bytes) {
      this.#bytes = bytesReceived;
      this.#silentSince = now;
    }
    return now - this.#silentSince >= SILENCE_LIMIT;
  }
}
