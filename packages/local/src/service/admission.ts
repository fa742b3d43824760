import { Fifo } from "@s2-dev/streamstore-core/transport";

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
  cancelled: boolean;
}

/** Bounds the bytes of appends that are not durable yet, over all streams; who comes first is admitted first. */
export class Admission {
  readonly #limit: number;
  readonly #waiting = new Fifo<Waiter>();
  #used = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Bytes in flight. */
  get used(): number {
    return this.#used;
  }

  /** Takes the bytes at once if they fit and nobody waits; else calls `admit` later. Returns what cancels waiting. */
  acquire(bytes: number, admit: () => void): (() => void) | undefined {
    if (this.#waiting.length === 0 && this.#used + bytes <= this.#limit) {
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

  release(bytes: number): void {
    this.#used -= bytes;
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
