import type { Clock } from "./clock.js";

/** A timer of which one at most is pending: starting it anew cancels the one before. */
export class OneTimer {
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #endsAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When it fires, or fired last, in the clock's milliseconds. */
  get endsAt(): number {
    return this.#endsAt;
  }

  start(ms: number, keepAlive: boolean, fire: () => void): void {
    this.#cancel?.();
    this.#endsAt = this.#clock.now() + ms;
    this.#cancel = this.#clock.timer(
      ms,
      () => {
        this.#cancel = undefined;
        fire();
      },
      keepAlive,
    );
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
