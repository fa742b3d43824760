import type { Position } from "../storage/storage.js";
import type { U64 } from "../storage/u64.js";
import type { ServiceError } from "./errors.js";

/** The positions that an append got. */
export interface AppendAck {
  readonly start: Position;
  /** The sequence number after the last record, and that record's timestamp. */
  readonly end: Position;
  /** The durable tail when the acknowledgement was made. */
  readonly tail: Position;
}

/** Called once with an acknowledgement, or with why there is none. */
export type AppendReply = (error: ServiceError | undefined, ack: AppendAck | undefined) => void;

/** What the appends of one session have in common. */
export interface SessionOrder {
  /** Sequence number behind the session's last accepted append. */
  lastEnd: number;
  /** An append failed: what was received after it is not applied. */
  poisoned: boolean;
}

interface Pending {
  /** The reply may be given once everything below this sequence number is durable. */
  readonly durableBelow: number;
  readonly reply: AppendReply;
  readonly error: ServiceError | undefined;
  readonly start: Position | undefined;
  readonly end: Position | undefined;
}

const COMPACT_FROM = 1024;

/** Replies that wait for durability, in the order in which they may be given. */
export class PendingReplies {
  #queue: (Pending | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#queue.length - this.#head;
  }

  accept(start: Position, end: Position, session: SessionOrder | undefined, reply: AppendReply): void {
    if (session !== undefined) session.lastEnd = end.seq_num;
    this.#queue.push({ durableBelow: end.seq_num, reply, error: undefined, start, end });
  }

  /**
   * A failure that was caused by state up to `dependsOn`, which may not be durable yet; a session's failure also waits
   * for the acknowledgements before it.
   */
  reject(
    error: ServiceError,
    dependsOn: U64,
    durable: Position,
    session: SessionOrder | undefined,
    reply: AppendReply,
  ): void {
    let durableBelow = Number(dependsOn);
    if (session !== undefined) {
      session.poisoned = true;
      if (session.lastEnd > durableBelow) durableBelow = session.lastEnd;
    }
    if (durableBelow <= durable.seq_num) {
      reply(error, undefined);
      return;
    }
    let place = this.#queue.length;
    while (place > this.#head && (this.#queue[place - 1] as Pending).durableBelow > durableBelow) place -= 1;
    this.#queue.splice(place, 0, { durableBelow, reply, error, start: undefined, end: undefined });
  }

  /** Gives every reply that waited for no more than this. */
  durable(tail: Position): void {
    while (this.#head < this.#queue.length) {
      const pending = this.#queue[this.#head] as Pending;
      if (pending.durableBelow > tail.seq_num) break;
      this.#drop();
      if (pending.error !== undefined) pending.reply(pending.error, undefined);
      else pending.reply(undefined, { start: pending.start as Position, end: pending.end as Position, tail });
    }
  }

  /** Gives all replies the same failure. */
  failAll(error: ServiceError): void {
    while (this.#head < this.#queue.length) {
      const pending = this.#queue[this.#head] as Pending;
      this.#drop();
      pending.reply(error, undefined);
    }
  }

  #drop(): void {
    this.#queue[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
