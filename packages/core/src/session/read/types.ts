import type { StreamPosition } from "../../model/position.js";
import type { ReadBatch, ReadRecord, RecordFormat } from "../../model/record.js";
import type { DisposableIterator } from "../iterate.js";

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
  /** Iterates by received batch: one promise a batch instead of one a record. */
  batches(): DisposableIterator<ReadBatch<F>>;
  /** Where to resume after the last record handed over; `undefined` while nothing is known. */
  nextReadPosition(): StreamPosition | undefined;
  /** The newest tail the server has told; only live data and heartbeats carry it. */
  lastObservedTail(): StreamPosition | undefined;
}
