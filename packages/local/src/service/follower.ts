import type { StoredBatch } from "../storage/storage.js";

/** Live batches that a follower may be behind before it has to catch up from storage. */
const FOLLOWER_MAX_LAG = 25;

/** What a follower finds when it looks. */
export type FollowerState = "following" | "lagged" | "closed";

/** One reader at the live end of a stream: a short queue of shared batches. */
export class Follower {
  #queue: StoredBatch[] = [];
  #state: FollowerState = "following";
  #wake: (() => void) | undefined;

  constructor(private readonly leave: (follower: Follower) => void) {}

  /** `closed` comes to light only when the batches before it have been taken. */
  get state(): FollowerState {
    return this.#state === "closed" && this.#queue.length > 0 ? "following" : this.#state;
  }

  /** The next batch; at most 25 wait, so moving them is cheap. */
  take(): StoredBatch | undefined {
    return this.#queue.shift();
  }

  /** Calls back at the next event; the previous callback is forgotten. */
  onEvent(wake: (() => void) | undefined): void {
    this.#wake = wake;
  }

  /** A batch has become durable. */
  deliver(batch: StoredBatch): void {
    if (this.#queue.length === FOLLOWER_MAX_LAG) {
      this.#queue = [];
      this.#state = "lagged";
      this.stop();
    } else this.#queue.push(batch);
    this.#notify();
  }

  /** The stream has gone. */
  close(): void {
    this.#state = "closed";
    this.#notify();
  }

  /** Stops following. */
  stop(): void {
    this.leave(this);
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
