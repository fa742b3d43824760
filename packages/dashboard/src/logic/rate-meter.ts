/** What was counted in one second. */
export interface RatePoint {
  /** Seconds since the epoch. */
  readonly second: number;
  readonly records: number;
  readonly bytes: number;
}

/** Counts by the second, for as many seconds as are shown. */
export class RateMeter {
  readonly #records: Float64Array;
  readonly #bytes: Float64Array;
  /** The second that was counted in last. */
  #latest = 0;

  /** `now` gives milliseconds since the epoch. */
  constructor(
    readonly seconds: number,
    private readonly now: () => number,
  ) {
    this.#records = new Float64Array(seconds);
    this.#bytes = new Float64Array(seconds);
  }

  add(records: number, bytes: number): void {
    const slot = this.#advance() % this.seconds;
    this.#records[slot] = (this.#records[slot] ?? 0) + records;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
  }

  /** Every second that is kept, the present one last. */
  points(): RatePoint[] {
    const latest = this.#advance();
    return Array.from({ length: this.seconds }, (_, index) => {
      const second = latest - this.seconds + 1 + index;
      const slot = ((second % this.seconds) + this.seconds) % this.seconds;
      return { second, records: this.#records[slot] ?? 0, bytes: this.#bytes[slot] ?? 0 };
    });
  }

  /** What the last whole second counted. */
  get last(): RatePoint {
    const second = this.#advance() - 1;
    const slot = ((second % this.seconds) + this.seconds) % this.seconds;
    return { second, records: this.#records[slot] ?? 0, bytes: this.#bytes[slot] ?? 0 };
  }

  /** Empties the seconds that have passed without a count. */
  #advance(): number {
    const second = Math.floor(this.now() / 1000);
    const passed = Math.min(this.seconds, second - this.#latest);
    for (let step = 0; step < passed; step++) {
      const slot = (second - step) % this.seconds;
      this.#records[slot] = 0;
      this.#bytes[slot] = 0;
    }
    // A clock that was set back counts on where it was.
    this.#latest = Math.max(this.#latest, second);
    return this.#latest;
  }
}
