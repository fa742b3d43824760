import type {
  DisposableIterator,
  ReadBatch,
  ReadRecord,
  ReadSession,
  StreamPosition,
} from "@s2-dev/streamstore-core";

export interface MemoryReadSessionOptions {
  /** Fail with this once the records have been read. */
  readonly failure?: Error;
  /** Stay open once the records have been read, as a followed stream does. */
  readonly isFollowing?: boolean;
}

/** A read session over records in memory. Nothing is taken before it is asked for. */
export class MemoryReadSession extends ReadableStream<ReadRecord<"bytes">> implements ReadSession<"bytes"> {
  readonly #state: { delivered: number; cancelledWith: unknown[]; end: () => void };
  readonly #records: readonly ReadRecord<"bytes">[];

  constructor(records: readonly ReadRecord<"bytes">[], options: MemoryReadSessionOptions = {}) {
    const state = { delivered: 0, cancelledWith: [] as unknown[], end: () => {} };
    super(
      {
        start(controller) {
          state.end = () => controller.close();
        },
        pull(controller) {
          const record = records[state.delivered];
          if (record !== undefined) {
            state.delivered += 1;
            controller.enqueue(record);
            return;
          }
          if (options.failure !== undefined) throw options.failure;
          if (options.isFollowing === true) return new Promise(() => {});
          controller.close();
        },
        cancel(reason) {
          state.cancelledWith.push(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.#state = state;
    this.#records = records;
  }

  /** The reasons of every cancel so far. */
  get cancelledWith(): readonly unknown[] {
    return this.#state.cancelledWith;
  }

  /** Also while a reader holds the lock, whose pending read then ends. */
  override async cancel(reason?: unknown): Promise<void> {
    if (!this.locked) return super.cancel(reason);
    this.#state.cancelledWith.push(reason);
    this.#state.end();
  }

  nextReadPosition(): StreamPosition | undefined {
    const last = this.#records[this.#state.delivered - 1];
    return last && { seq_num: last.seq_num + 1, timestamp: last.timestamp };
  }

  lastObservedTail(): StreamPosition | undefined {
    return undefined;
  }

  isCaughtUp(): boolean {
    return false;
  }

  caughtUp(): Promise<StreamPosition> {
    return new Promise(() => {});
  }

  batches(): DisposableIterator<ReadBatch<"bytes">> {
    return iterate(this, (record) => ({ records: [record] }));
  }

  override [Symbol.asyncIterator](): DisposableIterator<ReadRecord<"bytes">> {
    return iterate(this, (record) => record);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel("disposed");
  }
}

function iterate<T>(
  stream: ReadableStream<ReadRecord<"bytes">>,
  view: (record: ReadRecord<"bytes">) => T,
): DisposableIterator<T> {
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value: view(value) };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
    async [Symbol.asyncDispose]() {
      await reader.cancel();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
