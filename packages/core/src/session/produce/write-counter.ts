import { abortedError } from "../../error/make.js";
import { S2Error } from "../../error/s2-error.js";
import { Fifo } from "../../util/fifo.js";

/** Counts what is written to a stream and what its sink has taken, for those who wait for what was written so far. */
export class WriteCounter {
  readonly #waiting = new Fifo<{ readonly written: number; readonly run: (error?: S2Error) => void }>();
  #written = 0;
  #taken = 0;
  #isOver = false;
  #failure: S2Error | undefined;

  /** A queuing strategy's `size`, which the stream calls at each write, before its sink is. */
  readonly size = (): number => {
    // It is called for writes too that the stream then refuses.
    if (!this.#isOver) this.#written += 1;
    return 1;
  };

  /** The sink has taken a write. */
  taken(): void {
    this.#taken += 1;
    for (let first = this.#waiting.peek(); first !== undefined; first = this.#waiting.peek()) {
      if (first.written > this.#taken) return;
      this.#waiting.shift();
      first.run();
    }
  }

  /** Runs it when everything written so far has been taken: now, if it has. After `fail` it is given the error. */
  whenTaken(run: (error?: S2Error) => void): void {
    if (this.#isOver || this.#written <= this.#taken) run(this.#failure);
    else this.#waiting.push({ written: this.#written, run });
  }

  /** Nothing is going to be taken any more; those who wait are given the error, if there is one. */
  end(error?: S2Error): void {
    this.#isOver = true;
    for (let first = this.#waiting.shift(); first !== undefined; first = this.#waiting.shift())
      first.run(error);
  }

  /** Ends with an error that those who come later are given too. */
  fail(reason: unknown): void {
    this.#failure ??= reason instanceof S2Error ? reason : abortedError(reason);
    this.end(this.#failure);
  }
}
