import type * as core from "@s2-dev/streamstore-core";
import { rethrow, toldElsewhere } from "./errors.js";
import type { DisposableIterator } from "./mapped-streams.js";
import { maybePosition, positionFromWire, type StreamPosition } from "./positions.js";
import { type ReadRecord, recordsFromWire } from "./read-input.js";

/** Records of one stream, from a position on, followed live until a limit, the end of the wait, or a cancel. */
export interface ReadSession<Format extends "string" | "bytes" = "string">
  extends ReadableStream<ReadRecord<Format>>,
    AsyncIterable<ReadRecord<Format>>,
    AsyncDisposable {
  [Symbol.asyncIterator](): DisposableIterator<ReadRecord<Format>>;
  /** Where to resume after the last record handed over. */
  nextReadPosition(): StreamPosition | undefined;
  /** The newest tail the server has told. */
  lastObservedTail(): StreamPosition | undefined;
  /** Whether everything there was has been handed over. */
  isCaughtUp(): boolean;
  /** Resolves with the tail once it is reached; somebody has to read the session on. */
  caughtUp(): Promise<StreamPosition>;
}

export function createReadSession<F extends "string" | "bytes">(engine: core.ReadSession<F>): ReadSession<F> {
  return new DatedRecordStream(engine);
}

/** Takes the engine's batches, so that conversion is a pass over an array; positions still follow what was handed over. */
class DatedRecordStream<F extends "string" | "bytes">
  extends ReadableStream<ReadRecord<F>>
  implements ReadSession<F>
{
  readonly #engine: core.ReadSession<F>;
  readonly #source: Records<F>;

  constructor(engine: core.ReadSession<F>) {
    const source = new Records(engine);
    super(
      {
        async pull(controller) {
          const record = source.take() ?? (await source.next());
          if (record === undefined) controller.close();
          else controller.enqueue(record);
        },
        cancel: (reason) => {
          source.drop();
          return engine.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.#engine = engine;
    this.#source = source;
  }

  nextReadPosition(): StreamPosition | undefined {
    return this.#source.position();
  }

  lastObservedTail(): StreamPosition | undefined {
    return maybePosition(this.#engine.lastObservedTail());
  }

  isCaughtUp(): boolean {
    return this.#source.isEmpty && this.#engine.isCaughtUp();
  }

  caughtUp(): Promise<StreamPosition> {
    return toldElsewhere(this.#engine.caughtUp(), (tail) =>
      this.#source.drained().then(() => positionFromWire(tail)),
    );
  }

  /** Also ends a session that a reader or a loop holds. */
  override async cancel(reason?: unknown): Promise<void> {
    if (!this.locked) return super.cancel(reason);
    this.#source.drop();
    await this.#engine.cancel(reason);
  }

  override [Symbol.asyncIterator](): DisposableIterator<ReadRecord<F>> {
    const reader = this.getReader();
    const source = this.#source;
    let isFinished = false;
    const finish = (): IteratorResult<ReadRecord<F>, undefined> => {
      if (!isFinished) reader.releaseLock();
      isFinished = true;
      return { done: true, value: undefined };
    };
    const settle = (record: ReadRecord<F> | undefined): IteratorResult<ReadRecord<F>, undefined> =>
      record === undefined ? finish() : { done: false, value: record };
    const fail = (thrown: unknown): never => {
      finish();
      throw thrown;
    };
    return {
      next() {
        if (isFinished) return Promise.resolve({ done: true, value: undefined });
        const record = source.take();
        if (record !== undefined) return Promise.resolve({ done: false, value: record });
        return source.next().then(settle, fail);
      },
      async return() {
        if (isFinished) return { done: true, value: undefined };
        const cancelled = reader.cancel();
        finish();
        await cancelled;
        return { done: true, value: undefined };
      },
      async [Symbol.asyncDispose]() {
        await this.return?.();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Never rejects: what ended the session was told to whoever read it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel("disposed").catch(() => {});
  }
}

/** The records that the engine gave and nobody took yet. */
class Records<F extends "string" | "bytes"> {
  readonly #engine: core.ReadSession<F>;
  readonly #batches: AsyncIterator<core.ReadBatch<F>, undefined>;
  #records: readonly ReadRecord<F>[] = [];
  #index = 0;
  /** Where the batch began. */
  #before: StreamPosition | undefined;
  #refilling: Promise<boolean> | undefined;
  #waiting: (() => void)[] = [];

  constructor(engine: core.ReadSession<F>) {
    this.#engine = engine;
    this.#batches = engine.batches();
  }

  get isEmpty(): boolean {
    return this.#index >= this.#records.length;
  }

  take(): ReadRecord<F> | undefined {
    const record = this.#records[this.#index];
    if (record === undefined) return undefined;
    this.#index += 1;
    if (this.isEmpty) this.#wake();
    return record;
  }

  /** The next record, when there is one; `undefined` at the end. */
  async next(): Promise<ReadRecord<F> | undefined> {
    for (;;) {
      const record = this.take();
      if (record !== undefined) return record;
      this.#refilling ??= this.#refill();
      if (!(await this.#refilling)) return undefined;
    }
  }

  drained(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  drop(): void {
    this.#records = [];
    this.#wake();
  }

  position(): StreamPosition | undefined {
    if (this.isEmpty) return maybePosition(this.#engine.nextReadPosition());
    const last = this.#records[this.#index - 1];
    return last === undefined ? this.#before : { seqNum: last.seqNum + 1, timestamp: last.timestamp };
  }

  async #refill(): Promise<boolean> {
    try {
      const before = maybePosition(this.#engine.nextReadPosition());
      const { value } = await this.#batches.next().catch(rethrow);
      if (value === undefined) return false;
      this.#before = before;
      this.#records = recordsFromWire<F>(value.records);
      this.#index = 0;
      return true;
    } finally {
      this.#refilling = undefined;
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
