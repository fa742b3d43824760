import { sessionClosedError } from "../../error/make.js";
import type { AppendLink } from "../../transport/index.js";
import type { Clock } from "../../util/clock.js";
import { OneTimer } from "../../util/one-timer.js";

/** A link left behind with everything acknowledged, until it ends by itself or is reset after a bound. */
export class RetiredLink {
  readonly #timer: OneTimer;
  #link: AppendLink | undefined;
  #generation = -1;

  constructor(clock: Clock) {
    this.#timer = new OneTimer(clock);
  }

  /** Half-closes a link and leaves it `bound` milliseconds to end. One that was left before is reset. */
  leave(link: AppendLink, generation: number, bound: number): void {
    this.drop();
    this.#link = link;
    this.#generation = generation;
    link.finish();
    this.#timer.start(bound, false, () => this.drop());
  }

  /** A link has ended: if it is this one, there is nothing left to reset. */
  ended(generation: number): void {
    if (generation === this.#generation) this.drop();
  }

  drop(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#generation = -1;
    this.#timer.stop();
    link?.abort(sessionClosedError("The link"));
  }
}
