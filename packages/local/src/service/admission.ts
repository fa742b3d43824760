import { Fifo } from "@s2-dev/streamstore-core/transport";

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
  cancelled: boolean;
}

/** What an append holds in memory besides its bytes: its entry, its reply, and its share of what is committed. */
const APPEND_COST = 512;

/** Bounds the bytes of appends that are not durable yet, over all streams; who comes first is admitted first. */
export class Admission {
  readonly #limit: number;
  readonly #waiting = new Fifo<Waiter>();
  #used = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /**
   * Takes an append of so many bytes at once if it fits and nobody waits, or if there is no other; else calls `admit`
   * later. Returns what cancels waiting.
   */
  acquire(appendBytes: number, admit: () => void): (() => void) | undefined {
    const bytes = appendBytes + APPEND_COST;
    if (this.#waiting.length === 0 && (this.#used === 0 || this.#used + bytes <= this.#limit)) {
      this.#used += bytes;
      admit();
      return undefined;
    }
    const waiter: Waiter = { bytes, admit, cancelled: false };
    this.#waiting.push(waiter);
    return () => {
      waiter.cancelled = true;
      this.#admitWaiting();
    };
  }

  /** Gives back what an append of so many bytes took. */
  release(appendBytes: number): void {
    this.#used -= appendBytes + APPEND_COST;
    this.#admitWaiting();
  }

  #admitWaiting(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!next.cancelled && this.#used > 0 && this.#used + next.bytes > this.#limit) return;
      this.#waiting.shift();
      if (next.cancelled) continue;
      this.#used += next.bytes;
      next.admit();
    }
  }
}
