import type { S2Error } from "../../error/s2-error.js";
import { SESSION_PATIENCE } from "../../retry/budget.js";
import type { Clock } from "../../util/clock.js";
import { Fifo } from "../../util/fifo.js";

/** A record, or a flush behind records, that waits until there is room; it is called then, or with its refusal. */
type Waiter = (refusal?: S2Error) => void;

/** Has who waits for capacity wait, in order, while the session has batches that it has not let in. */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #waiters = new Fifo<Waiter>();
  /** Batches given to the session that it has not let in yet. */
  #batches = 0;
  /** While closing: ends the wait for room, and sees to it that it ends. */
  #endWait: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody waits. */
  get hasWaiters(): boolean {
    return this.#waiters.length > 0;
  }

  /** Whether who comes now need not wait. */
  get hasRoom(): boolean {
    return this.#batches === 0 && this.#waiters.length === 0;
  }

  /** Makes it as soon as there is room, behind those who came before. */
  whenRoom<T>(make: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiters.push((refusal) => {
        if (refusal !== undefined) return reject(refusal);
        try {
          resolve(make());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** The session has been given a batch. */
  gave(): void {
    this.#batches += 1;
  }

  /** The session has let in a batch. */
  taken(): void {
    this.#batches -= 1;
    if (this.#batches === 0) this.#endWait?.();
    while (this.#batches === 0) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) return;
      waiter();
    }
  }

  /** Refuses all who wait, and ends the wait of `allIn`. */
  fail(error: S2Error): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      waiter(error);
    }
    this.#endWait?.();
  }

  /** Resolves when the session has let in all batches, or none has been acknowledged for `SESSION_PATIENCE` (30 s). */
  allIn(): Promise<void> {
    return new Promise((resolve) => {
      this.#endWait = () => {
        this.#endWait = undefined;
        this.#cancelTimer?.();
        resolve();
      };
      this.#boundWait();
    });
  }

  /** A batch was acknowledged: who waits may wait on. */
  progress(): void {
    if (this.#endWait !== undefined) this.#boundWait();
  }

  #boundWait(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.timer(SESSION_PATIENCE, () => this.#endWait?.(), true);
  }
}
