import type { S2RequestOptions, S2Stream } from "@s2-dev/streamstore";
import {
  RangeNotSatisfiableError,
  type ReadArgs,
  type ReadBatch,
  type ReadRecord,
  type ReadSession,
  type RecordFormat,
} from "@s2-dev/streamstore-core";
import { checkObject } from "@s2-dev/streamstore-core/transport";
import { checkHas } from "../options/check-values.js";

/** What is needed of a handle of a stream to read it to its tail. */
export type SessionSource = Pick<S2Stream, "readSession">;

/** What to read, and how. Without a start, everything from the beginning on. */
export type ReadAllArgs<F extends RecordFormat = RecordFormat> = Omit<ReadArgs<F>, "wait">;

/** Records up to the tail. Each iteration reads anew; leaving a loop early ends the read. */
export interface AllRecords<F extends RecordFormat = "string"> extends AsyncIterable<ReadRecord<F>> {
  [Symbol.asyncIterator](): AsyncGenerator<ReadRecord<F>, undefined>;
  /** By received batch: one promise a batch instead of several a record. */
  batches(): AsyncGenerator<ReadBatch<F>, undefined>;
}

/**
 * Everything from the beginning, or from a start, up to the tail as it is when it is reached. Reads one session, so
 * memory is bounded by a batch and by the connection's window; a broken connection is resumed. An empty stream, a start
 * at the tail and records that were trimmed give nothing; a `seq_num` beyond the tail is refused unless `clamp` is set,
 * with `RangeNotSatisfiableError`: the stream is not the one that this position came from.
 *
 * @example
 * for await (const record of readAll(stream)) console.log(record.body);
 */
export function readAll<F extends RecordFormat = "string">(
  stream: SessionSource,
  args: ReadAllArgs<F> = {},
  options?: S2RequestOptions,
): AllRecords<F> {
  const batches = () => batchesToTail(stream, args, options);
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const { records } of batches()) yield* records;
      return undefined;
    },
  };
}

async function* batchesToTail<F extends RecordFormat>(
  stream: SessionSource,
  args: ReadAllArgs<F>,
  options: S2RequestOptions | undefined,
): AsyncGenerator<ReadBatch<F>, undefined> {
  const session = await openToTail(stream, args, options);
  if (session !== undefined) yield* session.batches();
  return undefined;
}

/** A session that ends at the tail; `undefined` when there is nothing before it. */
export async function openToTail<F extends RecordFormat>(
  stream: SessionSource,
  args: ReadAllArgs<F>,
  options: S2RequestOptions | undefined,
): Promise<ReadSession<F> | undefined> {
  checkHas(stream, "readSession", "stream");
  checkObject(args, "what to read");
  const { seq_num, timestamp, tail_offset } = args;
  const isRelative = timestamp !== undefined || tail_offset !== undefined;
  const start = isRelative || seq_num !== undefined ? {} : { seq_num: 0 };
  try {
    return await stream.readSession<F>({ ...args, ...start, wait: 0 }, options);
  } catch (error) {
    if (!(error instanceof RangeNotSatisfiableError) || error.tail === undefined) throw error;
    // A read with a limit may not start at the tail, since it may not wait there.
    const isWithin = isRelative || args.clamp === true || (seq_num ?? 0) <= error.tail.seq_num;
    if (!isWithin) throw error;
    return undefined;
  }
}
