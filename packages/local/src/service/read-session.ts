import type { Position, StoredBatch } from "../storage/storage.js";
import { maxU64 } from "../storage/u64.js";
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from "./append-input.js";
import { type Allowance, BatchSlice, isSpent, spend } from "./batch-slice.js";
import type { ServiceClock } from "./clock.js";
import { streamGone } from "./errors.js";
import type { Follower } from "./follower.js";
import type { LiveStream } from "./live-stream.js";
import { isExhausted, mayFollow, type ReadRequest, resolveStart } from "./read-bounds.js";
import type { RecordCipher } from "./record-cipher.js";

/** Records as they stand in a protobuf `ReadBatch`, in chunks that are shared between readers. */
export interface ReadRecords {
  readonly kind: "records";
  readonly chunks: readonly Uint8Array[];
  readonly count: number;
  readonly meteredBytes: number;
  readonly lastSeqNum: number;
  /** Present when the records came live. */
  readonly tail: Position | undefined;
}

/** Tells a follower that the stream is alive, and where its tail is. */
export interface Heartbeat {
  readonly kind: "heartbeat";
  readonly tail: Position;
}

export type ReadOutput = ReadRecords | Heartbeat;

const HEARTBEAT_MIN_MS = 5_000;
const HEARTBEAT_MAX_MS = 15_000;

export interface ReadSessionOptions {
  readonly stream: LiveStream;
  readonly request: ReadRequest;
  readonly cipher: RecordCipher | undefined;
  readonly clock: ServiceClock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
}

/**
 * One read of a stream: what is stored, then, if it may, what comes. It is pulled, so a reader that is slow holds
 * nothing but its place; at the live end it falls back to storage once it lags too far.
 */
export class ReadSession {
  readonly #stream: LiveStream;
  readonly #cipher: RecordCipher | undefined;
  readonly #clock: ServiceClock;
  readonly #random: () => number;
  readonly #mayFollow: boolean;
  #waitMs: number | undefined;
  #allowance: Allowance;
  #seqNum: number;
  #tail: Position;
  #follower: Follower | undefined;
  #ended: boolean;
  #waitUntil = Number.POSITIVE_INFINITY;
  #heartbeatAt = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #wake: (() => void) | undefined;

  private constructor(options: ReadSessionOptions, start: number, tail: Position) {
    const { request } = options;
    this.#stream = options.stream;
    this.#cipher = options.cipher;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#mayFollow = mayFollow(request);
    this.#waitMs = request.waitSecs === undefined ? undefined : request.waitSecs * 1000;
    this.#allowance = { count: request.count, bytes: request.bytes, until: request.until };
    this.#seqNum = start;
    this.#tail = tail;
    this.#ended = isExhausted(request);
  }

  /** @throws ServiceError 416 when there is nothing to read and no leave to wait. */
  static async open(options: ReadSessionOptions): Promise<ReadSession> {
    const { stream, request, clock } = options;
    const { tail } = stream;
    const start = isExhausted(request) ? 0 : await resolveStart(stream, request, tail, clock.epoch());
    return new ReadSession(options, start, tail);
  }

  /** The next records or heartbeat; `null` at the clean end. One call at a time. @throws ServiceError and is over. */
  async next(): Promise<ReadOutput | null> {
    try {
      while (!this.#ended) {
        const output = this.#follower === undefined ? await this.#advance() : this.#nextLive(this.#follower);
        if (output !== undefined) return output;
        if (!this.#ended && this.#follower?.state === "following") await this.#idle(this.#follower);
      }
    } catch (error) {
      this.close();
      throw error;
    }
    this.close();
    return null;
  }

  /** From now on gives what is there, and waits for nothing. */
  stopWaiting(): void {
    this.#waitMs = 0;
    this.#armWait();
    this.#wake?.();
  }

  /** Ends the session; a pending `next` answers with the end. */
  close(): void {
    this.#ended = true;
    this.#follower?.onEvent(undefined);
    this.#follower?.stop();
    this.#follower = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Not following: reads what is stored, or starts to follow. */
  async #advance(): Promise<ReadOutput | undefined> {
    if (this.#stream.gone) throw streamGone();
    if (this.#seqNum < this.#tail.seq_num) return this.#readStored();
    if (!this.#mayFollow) {
      this.#ended = true;
      return undefined;
    }
    if (this.#stream.tail.seq_num > this.#seqNum) {
      this.#tail = this.#stream.tail;
      return undefined;
    }
    // Armed once: only records that are delivered begin the wait anew.
    if (this.#waitUntil === Number.POSITIVE_INFINITY) this.#armWait();
    if (this.#waitUntil <= this.#clock.now()) {
      this.#ended = true;
      return undefined;
    }
    this.#follower = this.#stream.follow();
    return this.#heartbeat();
  }

  async #readStored(): Promise<ReadOutput | undefined> {
    const stream = this.#stream;
    const to = this.#tail.seq_num;
    const from = maxU64(stream.visibleFrom, this.#seqNum);
    if (from >= to) {
      this.#seqNum = to;
      return undefined;
    }
    const range = { from: Number(from), to, maxRecords: MAX_BATCH_RECORDS, maxBytes: MAX_BATCH_BYTES };
    const batches = await stream.log.read(range, this.#clock.epoch());
    if (this.#ended) return undefined;
    const slice = new BatchSlice(this.#allowance, from, to);
    for (const batch of batches) if (slice.isFull || !slice.take(this.#open(batch))) break;
    if (slice.end === "denied") this.#ended = true;
    if (slice.count > 0) return this.#deliver(slice, undefined);
    if (!this.#ended) this.#seqNum = to;
    return undefined;
  }

  #nextLive(follower: Follower): ReadOutput | undefined {
    const batch = follower.take();
    if (batch !== undefined) return this.#deliverLive(batch);
    if (follower.state === "closed") throw streamGone();
    if (follower.state === "lagged") {
      this.#follower = undefined;
      return undefined;
    }
    const now = this.#clock.now();
    if (this.#waitUntil <= now) {
      this.#ended = true;
      return undefined;
    }
    return this.#heartbeatAt <= now ? this.#heartbeat() : undefined;
  }

  #deliverLive(batch: StoredBatch): ReadOutput | undefined {
    const tail: Position = { seq_num: batch.firstSeqNum + batch.count, timestamp: batch.lastTimestamp };
    const slice = new BatchSlice(this.#allowance, 0, tail.seq_num);
    if (!slice.take(this.#open(batch))) this.#ended = true;
    if (slice.count === 0) return undefined;
    this.#tail = tail;
    return this.#deliver(slice, tail);
  }

  #deliver(slice: BatchSlice, tail: Position | undefined): ReadRecords {
    const { chunks, count, meteredBytes, lastSeqNum } = slice;
    this.#allowance = spend(this.#allowance, count, meteredBytes);
    this.#seqNum = lastSeqNum + 1;
    if (isSpent(this.#allowance)) this.#ended = true;
    this.#armWait();
    this.#armHeartbeat();
    return { kind: "records", chunks, count, meteredBytes, lastSeqNum, tail };
  }

  #heartbeat(): Heartbeat {
    this.#armHeartbeat();
    return { kind: "heartbeat", tail: this.#tail };
  }

  #open(batch: StoredBatch): StoredBatch {
    return batch.sealed && this.#cipher !== undefined ? this.#cipher.open(batch) : batch;
  }

  #armWait(): void {
    if (this.#waitMs !== undefined) this.#waitUntil = this.#clock.now() + this.#waitMs;
  }

  #armHeartbeat(): void {
    const spread = HEARTBEAT_MAX_MS - HEARTBEAT_MIN_MS;
    this.#heartbeatAt = this.#clock.now() + HEARTBEAT_MIN_MS + this.#random() * spread;
  }

  /** Waits for a batch, the end of the stream, a heartbeat that is due, the end of the wait, or `close`. */
  #idle(follower: Follower): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      follower.onEvent(resolve);
      this.#armTimer();
    });
  }

  /**
   * One timer that is only ever moved forward: batches push the deadlines back, and a timer that fires early is set
   * again, so a busy follower does not pay for timers.
   */
  #armTimer(): void {
    const due = Math.min(this.#waitUntil, this.#heartbeatAt);
    if (this.#cancelTimer !== undefined && this.#timerAt <= due) return;
    this.#cancelTimer?.();
    this.#timerAt = due;
    this.#cancelTimer = this.#clock.timer(Math.max(0, due - this.#clock.now()), this.#onTimer, false);
  }

  readonly #onTimer = (): void => {
    this.#cancelTimer = undefined;
    if (Math.min(this.#waitUntil, this.#heartbeatAt) > this.#clock.now()) this.#armTimer();
    else this.#wake?.();
  };
}

/** A whole read that answers at once: stored records if there are any, else the first that come within the wait. */
export async function readOnce(session: ReadSession): Promise<ReadRecords> {
  const chunks: Uint8Array[] = [];
  const sum = { count: 0, meteredBytes: 0, lastSeqNum: 0 };
  let tail: Position | undefined;
  let waiting = false;
  for (let output = await session.next(); output !== null; output = await session.next()) {
    if (output.kind === "heartbeat") {
      if (sum.count > 0) break;
      waiting = true;
      continue;
    }
    chunks.push(...output.chunks);
    sum.count += output.count;
    sum.meteredBytes += output.meteredBytes;
    sum.lastSeqNum = output.lastSeqNum;
    tail = output.tail;
    if (waiting) break;
  }
  session.close();
  return { kind: "records", chunks, ...sum, tail };
}
