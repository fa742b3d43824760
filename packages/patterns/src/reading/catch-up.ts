import type { S2RequestOptions } from "@s2-dev/streamstore";
import {
  type DisposableIterator,
  invalidArgument,
  type ReadArgs,
  type ReadBatch,
  type ReadRecord,
  type RecordFormat,
  type StreamPosition,
} from "@s2-dev/streamstore-core";
import { checkObject } from "@s2-dev/streamstore-core/transport";
import { checkHas } from "../options/check-values.js";
import type { SessionSource } from "./read-all.js";

/** From where to catch up, and how. Without a start, from the beginning. */
export type CatchUpArgs<F extends RecordFormat = RecordFormat> = Omit<
  ReadArgs<F>,
  "bytes" | "count" | "until"
>;

/** One part of what is read: up to the boundary, or from it on. Leaving a loop over it early ends the whole read. */
export interface FeedPart<F extends RecordFormat = "string"> extends AsyncIterable<ReadRecord<F>> {
  [Symbol.asyncIterator](): AsyncGenerator<ReadRecord<F>, undefined>;
  /** By received batch: one promise a batch instead of several a record. */
  batches(): AsyncGenerator<ReadBatch<F>, undefined>;
}

/** What there was, then what comes, read through one session: nothing is missed or repeated between the two. */
export interface Feed<F extends RecordFormat = "string"> extends AsyncDisposable {
  /** What there was. Ends when everything up to the tail has been handed over; it is given once. */
  readonly backlog: FeedPart<F>;
  /** What comes. Reading it before the backlog has ended rejects with `INVALID_ARGUMENT`. */
  readonly live: FeedPart<F>;
  /** The tail at which the backlog ended; `undefined` until then. */
  readonly boundary: StreamPosition | undefined;
  /** Ends the read, also while somebody waits for a record. */
  cancel(reason?: unknown): Promise<void>;
}

/**
 * Reads what there is, says when that was all, and goes on live. Of a stream that is appended to meanwhile the backlog
 * ends where the reader first reaches the tail.
 *
 * @example
 * await using feed = await catchUp(stream);
 * for await (const record of feed.backlog) view.add(record);
 * view.show();
 * for await (const record of feed.live) view.update(record);
 */
export async function catchUp<F extends RecordFormat = "string">(
  stream: SessionSource,
  args: CatchUpArgs<F> = {},
  options?: S2RequestOptions,
): Promise<Feed<F>> {
  checkHas(stream, "readSession", "stream");
  checkObject(args, "what to read");
  const hasStart = [args.seq_num, args.timestamp, args.tail_offset].some((start) => start !== undefined);
  const start = hasStart ? {} : { seq_num: 0 };
  const session = await stream.readSession<F>({ ...args, ...start } as ReadArgs<F>, options);
  const batches = session.batches({ heartbeats: true });
  let boundary: StreamPosition | undefined;
  let isRead = false;
  const read = (isLast: (batch: ReadBatch<F>) => boolean) => {
    if (isRead) throw invalidArgument("a feed is read by one loop at a time, and one is at it");
    isRead = true;
    return untilEnd(batches, isLast, () => {
      isRead = false;
    });
  };
  return {
    backlog: partOf(() =>
      // What comes behind the boundary is not of it.
      boundary !== undefined
        ? []
        : read((batch) => {
            if (batch.caughtUp === true) boundary ??= batch.tail;
            return boundary !== undefined;
          }),
    ),
    live: partOf(() => {
      if (boundary === undefined)
        throw invalidArgument("the backlog must be read to its end before what is live");
      return read(() => false);
    }),
    get boundary() {
      return boundary;
    },
    cancel: (reason) => session.cancel(reason),
    [Symbol.asyncDispose]: () => session.cancel("disposed").catch(() => {}),
  };
}

type Batches<F extends RecordFormat> = AsyncIterable<ReadBatch<F>> | Iterable<ReadBatch<F>>;

function partOf<F extends RecordFormat>(open: () => Batches<F>): FeedPart<F> {
  return {
    async *batches() {
      for await (const batch of open()) if (batch.records.length > 0) yield batch;
      return undefined;
    },
    async *[Symbol.asyncIterator]() {
      for await (const { records } of open()) yield* records;
      return undefined;
    },
  };
}

/**
 * Batches up to the one that is the last of its part, which is asked for once it was handed over; the session outlives
 * the part unless that is left early.
 */
async function* untilEnd<F extends RecordFormat>(
  batches: DisposableIterator<ReadBatch<F>>,
  isLast: (batch: ReadBatch<F>) => boolean,
  done: () => void,
): AsyncGenerator<ReadBatch<F>, undefined> {
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = await batches.next();
      if (done === true) {
        isOver = true;
        return undefined;
      }
      yield value;
      isOver = isLast(value);
      if (isOver) return undefined;
    }
  } finally {
    done();
    if (!isOver) await batches.return?.();
  }
}
