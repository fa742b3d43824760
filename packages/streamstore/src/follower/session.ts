import {
  abortedError,
  createDeferred,
  type Deferred,
  type DisposableIterator,
  ignoreRejection,
  invalidArgument,
  type S2Error,
  s2ErrorFromUnknown,
  sessionClosedError,
} from "@s2-dev/streamstore-core/client";
import {
  FINISH_BOUND,
  FIRST_FRAME_WAIT,
  type ReadCursor,
  repetitionError,
  SILENCE_LIMIT,
} from "@s2-dev/streamstore-core/reading";
import type { DecodedBatch, ReadFormat, RecordFormat, WireRequest } from "@s2-dev/streamstore-core/transport";
import type { Attempts } from "./attempts.js";
import { createEventReader, type EventReader, eventHeaders } from "./event-reader.js";
import type { FollowerSession, ReadBatch, ReadRecord, StreamPosition } from "./types.js";

export interface FollowerSessionSpec<F extends RecordFormat> {
  readonly attempts: Attempts;
  readonly cursor: ReadCursor;
  readonly format: ReadFormat<F>;
  /** Names records that are skipped: they count in positions and limits, and are not handed over. */
  readonly skips: ((record: ReadRecord<F>) => boolean) | undefined;
  /** The read of the stream for what the cursor still wants. */
  readonly request: (range: ReturnType<ReadCursor["range"]>) => WireRequest;
  /** Once, at the very end. */
  readonly onEnded: () => void;
}

/**
 * Joins the answers to reads into one session. Nothing runs but for somebody who waits: a pull opens, reads, resumes and
 * backs off until there is something to give.
 */
export class PulledSession<F extends RecordFormat> implements FollowerSession<F> {
  readonly #spec: FollowerSessionSpec<F>;
  #reader: EventReader<F> | undefined;
  #isOpened = false;
  #markOpened: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #outcome: { readonly failure: S2Error | undefined } | undefined;
  /** Whoever waits does so behind this. */
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isIterated = false;
  /** What is not handed over yet of the newest batch. */
  #records: readonly ReadRecord<F>[] = [];
  #index = 0;
  /** The last record of the newest batch, skipped or not: with the last one handed over, the position is behind it. */
  #last: ReadRecord<F> | undefined;
  #tail: StreamPosition | undefined;
  #givesHeartbeats = false;
  #isHeartbeat = false;
  #handedOver: ReadRecord<F> | undefined;
  #caughtUpAt: StreamPosition | undefined;
  #catchingUp: Deferred<StreamPosition> | undefined;

  constructor(spec: FollowerSessionSpec<F>) {
    this.#spec = spec;
  }

  /** Resolves when delivery is exact from here on; rejects with what went wrong before. */
  open(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#markOpened = () => {
        this.#isOpened = true;
        clearTimeout(this.#timer);
        resolve(this);
      };
      this.#turn = this.#advance().then(() => {
        if (this.#outcome?.failure === undefined) this.#markOpened();
        else reject(this.#outcome.failure);
      });
    });
  }

  nextReadPosition(): StreamPosition | undefined {
    const record = this.#handedOver;
    if (record === undefined) return this.#spec.cursor.anchor;
    return { seq_num: record.seq_num + 1, timestamp: record.timestamp };
  }

  lastObservedTail(): StreamPosition | undefined {
    return this.#spec.cursor.tail;
  }

  isCaughtUp(): boolean {
    return this.#caughtUpAt !== undefined;
  }

  caughtUp(): Promise<StreamPosition> {
    if (this.#caughtUpAt !== undefined) return Promise.resolve(this.#caughtUpAt);
    this.#catchingUp ??= createDeferred();
    // Whoever reads the session is told of its end; a promise that nobody kept must not end the process.
    ignoreRejection(this.#catchingUp.promise);
    if (this.#outcome !== undefined) this.#rejectCatchingUp();
    return this.#catchingUp.promise;
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#stop(undefined, abortedError(reason));
  }

  /** Ends the session with this error; one that is closed when it is open ends cleanly. */
  stop(error: S2Error): void {
    this.#stop(error.code === "SESSION_CLOSED" && this.#isOpened ? undefined : error, error);
  }

  [Symbol.asyncIterator](): DisposableIterator<ReadRecord<F>> {
    return this.#iterate(() => this.#takeRecord());
  }

  batches({ heartbeats = false } = {}): DisposableIterator<ReadBatch<F>> {
    return this.#iterate(() => {
      this.#givesHeartbeats = heartbeats;
      return this.#takeBatch();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel("disposed");
  }

  #iterate<T>(take: () => T | undefined): DisposableIterator<T> {
    if (this.#isIterated) throw invalidArgument("The session is being iterated already");
    this.#isIterated = true;
    let isFinished = false;
    const finish = (): IteratorResult<T, undefined> => {
      if (!isFinished) this.#isIterated = false;
      isFinished = true;
      return { done: true, value: undefined };
    };
    return {
      next: () => (isFinished ? Promise.resolve(finish()) : this.#next(take, finish)),
      return: async () => {
        if (!isFinished) await this.cancel();
        return finish();
      },
      async [Symbol.asyncDispose]() {
        await this.return?.();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** What comes next, in the order of the calls. */
  #next<T>(
    take: () => T | undefined,
    finish: () => IteratorResult<T, undefined>,
  ): Promise<IteratorResult<T, undefined>> {
    const item = this.#waiting === 0 ? take() : undefined;
    if (item !== undefined) return Promise.resolve({ done: false, value: item });
    this.#waiting += 1;
    const next = this.#turn.then(() => this.#pull(take, finish));
    this.#turn = next.catch(() => {});
    return next;
  }

  async #pull<T>(
    take: () => T | undefined,
    finish: () => IteratorResult<T, undefined>,
  ): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const value = take();
      if (value === undefined && this.#outcome === undefined) {
        await this.#advance();
        continue;
      }
      this.#waiting -= 1;
      if (value !== undefined) return { done: false, value };
      const end = finish();
      if (this.#outcome?.failure !== undefined) throw this.#outcome.failure;
      return end;
    }
  }

  /** Goes on until one more frame has come, or the end; at first only until the start is fixed. */
  async #advance(): Promise<void> {
    const { attempts, cursor } = this.#spec;
    while (this.#outcome === undefined) {
      try {
        if (this.#reader === undefined) {
          await this.#connect();
          if (!this.#isOpened && !cursor.isRelative) return;
        }
        return await this.#receive();
      } catch (thrown) {
        if (this.#outcome !== undefined) return;
        this.#leave();
        if (cursor.isCompleteDespite(thrown)) return this.#finish(undefined);
        await attempts.recover(thrown).catch((failure: S2Error) => this.#finish(failure));
      }
    }
  }

  async #connect(): Promise<void> {
    const { attempts, cursor, format, request } = this.#spec;
    this.#reader = await attempts.make(
      request(cursor.range(performance.now())),
      eventHeaders(format),
      (response) => createEventReader(response, format, attempts),
    );
    if (this.#outcome !== undefined) return this.#leave();
    // Until a frame has fixed the start, a break would resolve it anew against a later tail.
    if (!this.#isOpened && cursor.isRelative) this.#timer = setTimeout(this.#markOpened, FIRST_FRAME_WAIT);
  }

  async #receive(): Promise<void> {
    const { isSatisfied } = this.#spec.cursor;
    const batch = await (this.#reader as EventReader<F>).next(isSatisfied ? FINISH_BOUND : SILENCE_LIMIT);
    if (this.#outcome !== undefined) return;
    if (batch === null) this.#reader = undefined;
    // Whatever a server sends after the last record that was asked for is not for the consumer.
    if (batch === null || isSatisfied) this.#finish(undefined);
    else this.#accept(batch);
  }

  #accept(batch: DecodedBatch<F>): void {
    const { attempts, cursor, skips } = this.#spec;
    const repeated = cursor.repetitionIn(batch);
    if (repeated !== undefined) throw repetitionError(repeated);
    cursor.advance(batch, performance.now());
    attempts.progress();
    this.#markOpened();
    const { records, failure } = batch;
    this.#caughtUpAt = undefined;
    this.#tail = batch.tail;
    this.#last = records[records.length - 1];
    this.#records = skips === undefined ? records : records.filter((record) => !skips(record));
    this.#index = 0;
    this.#isHeartbeat = this.#last === undefined && this.#givesHeartbeats;
    if (this.#records.length === 0) this.#finishBatch();
    if (failure !== undefined) this.#finish(attempts.final(s2ErrorFromUnknown(failure)));
  }

  #reachesTail(): boolean {
    return this.#last === undefined || this.#last.seq_num + 1 === this.#tail?.seq_num;
  }

  /** All of the newest batch has been handed over. */
  #finishBatch(): void {
    this.#handedOver = this.#last ?? this.#handedOver;
    if (this.#tail === undefined || this.#outcome !== undefined || !this.#reachesTail()) return;
    this.#caughtUpAt = this.#tail;
    this.#catchingUp?.resolve(this.#tail);
    this.#catchingUp = undefined;
  }

  #takeRecord(): ReadRecord<F> | undefined {
    const record = this.#records[this.#index];
    if (record === undefined) return undefined;
    this.#index += 1;
    this.#handedOver = record;
    if (this.#index === this.#records.length) this.#finishBatch();
    return record;
  }

  #takeBatch(): ReadBatch<F> | undefined {
    const records = this.#records.slice(this.#index);
    if (records.length === 0 && !this.#isHeartbeat) return undefined;
    this.#records = [];
    this.#isHeartbeat = false;
    this.#finishBatch();
    const tail = this.#tail;
    if (tail === undefined) return { records };
    return this.#reachesTail() ? { records, tail, caughtUp: true } : { records, tail };
  }

  #leave(): void {
    this.#caughtUpAt = undefined;
    clearTimeout(this.#timer);
    this.#reader?.cancel();
    this.#reader = undefined;
  }

  #stop(failure: S2Error | undefined, reason: S2Error): void {
    const { attempts } = this.#spec;
    this.#records = [];
    this.#isHeartbeat = false;
    if (this.#outcome !== undefined) return;
    this.#finish(failure && attempts.final(failure));
    attempts.stop(reason);
  }

  #finish(failure: S2Error | undefined): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { failure };
    this.#leave();
    this.#rejectCatchingUp();
    this.#spec.onEnded();
  }

  #rejectCatchingUp(): void {
    this.#catchingUp?.reject(this.#outcome?.failure ?? sessionClosedError("The read session"));
  }
}
