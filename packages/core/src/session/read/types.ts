import type { StreamPosition } from "../../model/position.js";
import type { ReadBatch, ReadRecord, RecordFormat } from "../../model/record.js";
import type { DisposableIterator } from "../iterate.js";

/** How a read session is iterated by batch. */
export interface BatchesOptions {
  /** Give heartbeats too, as batches without records that carry the tail. Default false. */
  readonly heartbeats?: boolean | undefined;
}

/**
 * Records of one stream, from a position on, followed live until a limit, the end of `wait`, or a cancel.
 * Broken connections are resumed without loss or repetition. Nothing is fetched ahead of demand beyond what the
 * connection's window holds.
 *
 * Iterate it by record (`for await (const record of session)`), by batch (`session.batches()`, cheaper), or use it as
 * the `ReadableStream` it is; one of them at a time. Leaving a loop early cancels the session.
 */
export interface ReadSession<F extends RecordFormat = "string">
  extends ReadableStream<ReadRecord<F>>,
    AsyncIterable<ReadRecord<F>>,
    AsyncDisposable {
  [Symbol.asyncIterator](): DisposableIterator<ReadRecord<F>>;
  /** Iterates by received batch: one promise a batch instead of one a record. `caughtUp` marks those that reach the tail. */
  batches(options?: BatchesOptions): DisposableIterator<ReadBatch<F>>;
  /** Where to resume after the last record handed over; `undefined` while nothing is known. */
  nextReadPosition(): StreamPosition | undefined;
  /** The newest tail the server has told; only live data and heartbeats carry it. */
  lastObservedTail(): StreamPosition | undefined;
  /**
   * Whether everything there was has been handed over: the last record of a batch that reaches its own tail, or a
   * heartbeat. The next batch and a reconnect clear it, as does the end.
   */
  isCaughtUp(): boolean;
  /**
   * Resolves with the tail when the session has caught up, at once if it has. It asks for nothing by itself: somebody
   * has to read the session on. Rejects with what ended the session, at a clean end with code `SESSION_CLOSED`.
   */
  caughtUp(): Promise<StreamPosition>;
}
