import type { S2Stream } from "@s2-dev/streamstore";
import {
  type AppendRecordInput,
  type AppendSession,
  type AppendSessionOptions,
  abortedError,
  invalidArgument,
  type StreamPosition,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import {
  type Clock,
  checkObject,
  createSystemClock,
  onAbort,
  show,
} from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkFunction } from "../options/check-values.js";
import { AppendAllError } from "./append-all-error.js";
import { type BatchLimits, BatchPacker, type PackerSettings, resolveBatchLimits } from "./batch-packer.js";
import { InOrderSender } from "./in-order-sender.js";

/** Where to append: a handle of a stream, which gets a session of its own, or a session that stays open. */
export type AppendTarget = Pick<S2Stream, "appendSession"> | Pick<AppendSession, "enqueue">;

/** What is durable so far. */
export interface AppendProgress {
  /** Records that are durable: the first so many of the source. */
  readonly records: number;
  /** Their metered bytes. */
  readonly bytes: number;
  /** Batches they were sent in. */
  readonly batches: number;
  /** Position of the first record. */
  readonly start: StreamPosition | undefined;
  /** Where the record behind the last durable one will be. */
  readonly end: StreamPosition | undefined;
}

/** Progress, conditions and batches of `appendAll`. */
export interface AppendAllOptions extends BatchLimits {
  /** Told after each acknowledged batch. What it throws ends the append. */
  readonly onProgress?: ((progress: AppendProgress) => void) | undefined;
  /** Put on every batch: the stream's fencing token, at most 36 bytes. */
  readonly fencing_token?: string | undefined;
  /** Sequence number that the first record must get; each further batch expects to follow the one before. */
  readonly match_seq_num?: number | undefined;
  /**
   * How long a slow source may hold back a batch that is not full, in milliseconds. Default 5. Only of async sources: what
   * can be had at once is gathered first.
   */
  readonly lingerDurationMillis?: number | undefined;
  /** Options of the session that is opened on a stream. */
  readonly session?: AppendSessionOptions | undefined;
  /** Ends the append with code `ABORTED` as cause, and the session with it if it was opened here. */
  readonly signal?: AbortSignal | undefined;
  /** Time for the linger. Default: the runtime's. */
  readonly clock?: Clock | undefined;
}

/**
 * Appends every record of a source in order, in batches as large as the limits allow: 1000 records, 1 MiB metered, and
 * what fits one frame encoded. Batches are pipelined; the source is asked for more only while the session has capacity.
 * Resolves once all is durable. An empty source appends nothing.
 *
 * Under the retry policy `"all"` a batch whose acknowledgement was lost can land twice; `match_seq_num`, or
 * `session: { exactlyOnce: true }`, prevents that. Records must stay as they are until their batch is sent: yield a new
 * object each time.
 *
 * @throws AppendAllError saying what is durable and what may be. When the source throws, or gives something that is no
 * record or too large for any batch, everything before that is still appended and waited for, so exactly the records
 * before it are durable.
 * @throws S2Error `INVALID_ARGUMENT` for options out of range; nothing was taken from the source.
 */
export async function appendAll(
  target: AppendTarget,
  source: Iterable<AppendRecordInput> | AsyncIterable<AppendRecordInput>,
  options: AppendAllOptions = {},
): Promise<AppendProgress> {
  const settings = packerSettings(source, options);
  checkObject(target as object, "where to append");
  const { signal } = options;
  if (signal?.aborted) throw new AppendAllError(abortedError(signal.reason), NOTHING, 0);
  const own = "appendSession" in target ? await target.appendSession(options.session, { signal }) : undefined;
  const sender = new InOrderSender(own ?? (target as Pick<AppendSession, "enqueue">), options);
  const packer = new BatchPacker(settings, (batch) => sender.send(batch));
  const removeListener = onAbort(signal, (reason) => {
    const error = abortedError(reason, "possible");
    // A session of its own ends with the signal and settles every batch; another one goes on with what it has.
    if (own === undefined) sender.abandon(error);
    else sender.stop(error);
  });
  try {
    await takeAll(source, packer, sender);
    await sender.settled();
    return sender.progress;
  } catch (error) {
    await sender.settled().catch(() => {});
    throw new AppendAllError(
      sender.failure ?? s2ErrorFromUnknown(error, "The source failed"),
      sender.progress,
      sender.uncertain,
    );
  } finally {
    packer.stop();
    removeListener();
    await own?.close().catch(() => {});
  }
}

const NOTHING: AppendProgress = { records: 0, bytes: 0, batches: 0, start: undefined, end: undefined };
const DEFAULT_LINGER = 5;
/** Conditions that are overlooked would let everything land unguarded. */
const NAMES: OptionNames<AppendAllOptions> = {
  match_seq_num: true,
  fencing_token: true,
  maxBatchRecords: true,
  maxBatchBytes: true,
  lingerDurationMillis: true,
  onProgress: true,
  session: true,
  signal: true,
  clock: true,
};

function packerSettings(source: object, options: AppendAllOptions): PackerSettings {
  checkOptions(options, "appendAll", NAMES);
  const { lingerDurationMillis = DEFAULT_LINGER, clock = createSystemClock() } = options;
  if (typeof lingerDurationMillis !== "number" || !(lingerDurationMillis >= 0)) {
    throw invalidArgument(
      `lingerDurationMillis must be a number of at least 0; got ${show(lingerDurationMillis)}`,
    );
  }
  if (typeof source !== "object" || source === null || !(isSync(source) || Symbol.asyncIterator in source)) {
    throw invalidArgument(`the source must be iterable; got ${show(source)}`);
  }
  checkFunction(options.onProgress, "onProgress");
  // Whatever can be had at once need not wait for time to pass.
  return { ...resolveBatchLimits(options), lingerDurationMillis, clock: isSync(source) ? undefined : clock };
}

function isSync(source: object): source is Iterable<AppendRecordInput> {
  return Symbol.iterator in source;
}

/** Moves the source into batches, as fast as the session takes them. Ends early when sending fails. */
async function takeAll(
  source: Iterable<AppendRecordInput> | AsyncIterable<AppendRecordInput>,
  packer: BatchPacker,
  sender: InOrderSender,
): Promise<void> {
  try {
    if (isSync(source)) {
      for (const record of source) {
        packer.add(record);
        if (sender.isBusy) await sender.room();
      }
    } else await takeAsync(source[Symbol.asyncIterator](), packer, sender);
  } finally {
    // Also when it failed: what came before is whole, and is appended.
    packer.flush();
  }
}

async function takeAsync(
  iterator: AsyncIterator<AppendRecordInput>,
  packer: BatchPacker,
  sender: InOrderSender,
): Promise<void> {
  let isOver = false;
  const next = async (): Promise<IteratorResult<AppendRecordInput>> => {
    try {
      const result = await sender.orFailure(iterator.next());
      isOver = result.done === true;
      return result;
    } catch (error) {
      isOver = sender.failure === undefined;
      throw error;
    }
  };
  try {
    for (let result = await next(); result.done !== true; result = await next()) {
      packer.add(result.value);
      if (sender.isBusy) await sender.room();
    }
  } finally {
    // Not waited for: a source that hangs must not keep the failure from being told.
    if (!isOver) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
