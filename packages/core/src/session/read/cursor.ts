import { protocolError } from "../../codec/protocol-error.js";
import { RangeNotSatisfiableError, type S2Error } from "../../error/s2-error.js";
import type { StreamPosition } from "../../model/position.js";
import type { DecodedBatch } from "../../model/record.js";

/** Where a read starts and stops, as the service's query spells it; validated before. */
export interface ReadRange {
  readonly seq_num?: number | undefined;
  readonly timestamp?: number | undefined;
  readonly tail_offset?: number | undefined;
  readonly clamp?: boolean | undefined;
  readonly count?: number | undefined;
  readonly bytes?: number | undefined;
  readonly until?: number | undefined;
  /** Seconds. */
  readonly wait?: number | undefined;
}

/** A record that comes before the place where a read goes on. */
export interface Repetition {
  readonly seqNum: number;
  readonly expected: number;
}

/** Not dropped in silence: a server that answers another question than was asked has lost or replaced its log. */
export function repetitionError({ seqNum, expected }: Repetition): S2Error {
  return protocolError(`The server sent record ${seqNum} to a read that goes on at ${expected}`);
}

/** What a read has received and what it still wants: each resume asks for exactly the rest (contract G.8). */
export class ReadCursor {
  readonly #range: ReadRange;
  /** Absolute once known: given, or learnt from the first frame. */
  #seqNum: number | undefined;
  /** Nothing before it may come: what was asked for, or what has been received. */
  #least = 0;
  #hasReceived = false;
  #count: number | undefined;
  #bytes: number | undefined;
  /** When the wait began to run, in the clock's milliseconds. */
  #waitingSince: number | undefined;
  #tail: StreamPosition | undefined;
  #anchor: StreamPosition | undefined;

  constructor(range: ReadRange) {
    this.#range = range;
    this.#seqNum = range.seq_num;
    this.#count = range.count;
    this.#bytes = range.bytes;
  }

  /** Whether the start depends on the moment it is resolved. */
  get isRelative(): boolean {
    return this.#seqNum === undefined;
  }

  get tail(): StreamPosition | undefined {
    return this.#tail;
  }

  /** Where a start that was not known before has turned out to be. */
  get anchor(): StreamPosition | undefined {
    return this.#anchor;
  }

  /** Whether a limit is used up, so that nothing more may come. */
  get isSatisfied(): boolean {
    return this.#hasReceived && (this.#count === 0 || this.#bytes === 0);
  }

  /**
   * Whether a link that broke with this error leaves nothing to ask for: a limit is used up, or a bounded read that
   * resumes exactly at the tail has had everything (contract H.11).
   */
  isCompleteDespite(error: unknown): boolean {
    if (this.isSatisfied) return true;
    if (!this.#hasReceived || !(error instanceof RangeNotSatisfiableError)) return false;
    return error.tail !== undefined && error.tail.seq_num === this.#seqNum;
  }

  /** The record that a batch repeats, or that stands in it out of order, if there is one; looked for once a batch. */
  repetitionIn({ records }: DecodedBatch): Repetition | undefined {
    const first = records[0];
    const last = records[records.length - 1];
    if (first === undefined || last === undefined) return undefined;
    if (first.seq_num < this.#least) return { seqNum: first.seq_num, expected: this.#least };
    const least = first.seq_num + records.length - 1;
    return last.seq_num < least ? { seqNum: last.seq_num, expected: least } : undefined;
  }

  advance(batch: DecodedBatch, now: number): void {
    this.#hasReceived = true;
    if (batch.tail !== undefined) this.#tail = batch.tail;
    const { records } = batch;
    const last = records[records.length - 1];
    if (last === undefined) {
      this.#heartbeat(batch.tail, now);
      return;
    }
    if (this.#seqNum === undefined) this.#anchor = positionOf(records[0] ?? last);
    this.#seqNum = last.seq_num + 1;
    this.#least = this.#seqNum;
    if (this.#count !== undefined) this.#count = Math.max(0, this.#count - records.length);
    if (this.#bytes !== undefined) this.#bytes = Math.max(0, this.#bytes - batch.meteredBytes);
    // Catch-up does not arm the wait; records restart one that runs.
    if (this.#waitingSince !== undefined) this.#waitingSince = now;
  }

  /** What to ask for now. From there on, what comes must not lie before it. */
  range(now: number): ReadRange {
    // A start beyond the tail that is clamped to it lies before what was asked for.
    const mayBeClamped = this.#range.clamp === true && !this.#hasReceived;
    this.#least = mayBeClamped ? 0 : (this.#seqNum ?? 0);
    const { timestamp, tail_offset, ...rest } = this.#range;
    const start = this.#seqNum === undefined ? { timestamp, tail_offset } : { seq_num: this.#seqNum };
    return { ...rest, ...start, count: this.#count, bytes: this.#bytes, wait: this.#remainingWait(now) };
  }

  /**
   * The first heartbeat arms the wait. It also fixes a start that was relative; a position learnt from records is
   * never moved by a heartbeat, which may tell of records that are still on their way.
   */
  #heartbeat(tail: StreamPosition | undefined, now: number): void {
    this.#waitingSince ??= now;
    if (tail === undefined) return;
    const beyondTail =
      this.#range.clamp === true &&
      this.#seqNum === this.#range.seq_num &&
      (this.#seqNum ?? 0) > tail.seq_num;
    if (this.#seqNum === undefined || beyondTail) {
      this.#seqNum = tail.seq_num;
      this.#anchor = tail;
    }
  }

  #remainingWait(now: number): number | undefined {
    const { wait } = this.#range;
    if (wait === undefined || this.#waitingSince === undefined) return wait;
    return Math.max(0, Math.ceil(wait - (now - this.#waitingSince) / 1000));
  }
}

function positionOf({ seq_num, timestamp }: StreamPosition): StreamPosition {
  return { seq_num, timestamp };
}
