import type { ReadBatch, ReadRecord, RecordFormat, StreamPosition } from "@s2-dev/streamstore-core";
import type { ReadSession } from "@s2-dev/streamstore-core/client";

/**
 * Records of one stream, from a position on, followed live until a limit, the end of `wait`, or a cancel. Broken
 * connections are resumed without loss or repetition, and nothing is fetched ahead of demand.
 *
 * It is the part of a client's `ReadSession` that a page needs: every one of those will do where this is asked for, but
 * this is no `ReadableStream`. Iterate it by record (`for await (const record of session)`) or by batch
 * (`session.batches()`, cheaper); one of them at a time. Leaving a loop early cancels the session.
 */
export interface FollowerSession<F extends RecordFormat = "string">
  extends AsyncDisposable,
    Pick<
      ReadSession<F>,
      | typeof Symbol.asyncIterator
      | "batches"
      | "nextReadPosition"
      | "lastObservedTail"
      | "isCaughtUp"
      | "caughtUp"
    > {
  /** Ends the session, also one that a loop holds: a pending `next()` ends. What was not handed over is dropped. */
  cancel(reason?: unknown): Promise<void>;
}

export type { ReadBatch, ReadRecord, RecordFormat, StreamPosition };
