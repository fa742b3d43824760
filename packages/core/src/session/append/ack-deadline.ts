import type { Clock } from "../../util/clock.js";
import type { Fifo } from "../../util/fifo.js";
import { sizeAllowance } from "../context.js";
import type { PendingBatch } from "./pending.js";

/**
 * One timer for the deadlines of a link (contract H.1): first of its opening, then of the oldest unacknowledged batch.
 * A batch's time runs from when the wire has taken it; one that the wire does not take has an allowance by its size,
 * from when the wire last took anything, whether it is on the link or the link does not let it in.
 */
export class AckDeadline {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #onOverdue: () => void;
  /** In order; the first `#sent - #acked` are on the link. Undefined while the link is opening or absent. */
  #entries: Fifo<PendingBatch> | undefined;
  #openingSince: number | undefined;
  #sent = 0;
  #taken = 0;
  #acked = 0;
  #lastTakenAt = Number.NEGATIVE_INFINITY;
  /** Since when the link has let no further batch in, though one waits. */
  #blockedSince: number | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, timeout: number, onOverdue: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onOverdue = onOverdue;
  }

  startOpening(): void {
    this.stop();
    this.#openingSince = this.#clock.now();
    this.#arm(this.#timeout);
  }

  startAcks(entries: Fifo<PendingBatch>): void {
    this.stop();
    this.#entries = entries;
    this.#sent = 0;
    this.#taken = 0;
    this.#acked = 0;
    this.#lastTakenAt = this.#clock.now();
    this.#blockedSince = undefined;
  }

  sent(pending: PendingBatch): void {
    this.#sent += 1;
    this.#blockedSince = undefined;
    pending.sentAt = this.#clock.now();
    // Left running when the queue empties: arming it anew would cost a timer for each round trip.
    if (this.#cancelTimer === undefined) this.#arm(this.#timeout);
  }

  /** A batch waits for the link to let it in. */
  blocked(): void {
    this.#blockedSince ??= this.#clock.now();
    if (this.#cancelTimer === undefined) this.#arm(this.#timeout);
  }

  /** The link has passed on so many batches in all. */
  taken(batches: number): void {
    if (this.#entries === undefined) return;
    this.#lastTakenAt = this.#clock.now();
    for (; this.#taken < batches; this.#taken += 1) {
      const index = this.#taken - this.#acked;
      const pending = index < 0 ? undefined : this.#entries.at(index);
      if (pending !== undefined) pending.sentAt = this.#lastTakenAt;
    }
  }

  acked(): void {
    this.#acked += 1;
    // An ack may overtake the news that its batch was taken.
    if (this.#taken < this.#acked) this.taken(this.#acked);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#entries = undefined;
    this.#openingSince = undefined;
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#clock.timer(ms, () => this.#check(), false);
  }

  #check(isJudged = false): void {
    this.#cancelTimer = undefined;
    const left = this.#left();
    if (left === undefined) return;
    if (left > 0) this.#arm(left);
    else if (isJudged) this.#onOverdue();
    // A blocked event loop fires late: one turn of I/O lets an ack that is already here be counted first.
    else this.#cancelTimer = this.#clock.timer(0, () => this.#check(true), false);
  }

  /** Milliseconds until something is overdue; `undefined` when nothing is awaited. */
  #left(): number | undefined {
    const now = this.#clock.now();
    if (this.#openingSince !== undefined) return this.#openingSince + this.#timeout - now;
    const oldest = this.#entries?.peek();
    if (oldest === undefined) return undefined;
    if (this.#taken > this.#acked) return oldest.sentAt + this.#timeout - now;
    const waitsSince = this.#sent > this.#acked ? oldest.sentAt : this.#blockedSince;
    if (waitsSince === undefined) return undefined;
    const allowance = sizeAllowance(oldest.batch.frame.byteLength);
    return Math.max(waitsSince, this.#lastTakenAt) + this.#timeout + allowance - now;
  }
}
