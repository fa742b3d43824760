import { type AppendRecordInput, meteredBytes } from "@s2-dev/streamstore-core";
import { type Clock, createDeferred } from "@s2-dev/streamstore-core/transport";
import { countThatFits } from "./batch-size.js";
import { bufferLimit } from "./buffer-limit.js";

/** What a batcher works with. */
export interface AppendBatcherOptions {
  readonly clock: Clock;
  /** Least time between two appends that are not full, in milliseconds: the most that a record waits. */
  readonly lingerMillis: number;
  /** Most metered bytes that may be neither durable nor given up. */
  readonly maxBufferBytes: number;
  /** Appends a batch; settles when that is durable. */
  readonly append: (records: readonly AppendRecordInput[]) => Promise<unknown>;
  /** Told of the first append that failed. Nothing is appended afterwards. */
  readonly onFailure: (error: unknown) => void;
}

/** Appends that may be unacknowledged: beyond them records gather, and go in fewer and larger batches. */
const MAX_INFLIGHT = 16;

/**
 * Gathers records into appends. The first one after a pause leaves at once; what follows waits until the linger since the
 * last append is over, so that there are never more than `1000 / lingerMillis` small ones a second. A store that is slow
 * to acknowledge makes batches larger and loses nothing, until more waits than may.
 */
export class AppendBatcher {
  readonly #options: AppendBatcherOptions;
  readonly #records: AppendRecordInput[] = [];
  readonly #inflight = new Set<Promise<unknown>>();
  #lastAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #hasFailed = false;
  /** An append may not settle for long after everything was given up. */
  readonly #failed = createDeferred<void>();
  /** Metered bytes of what is not durable. */
  #bytes = 0;

  constructor(options: AppendBatcherOptions) {
    this.#options = options;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  add(records: readonly AppendRecordInput[]): void {
    if (this.#hasFailed) return;
    this.#bytes += sizeOf(records);
    const { maxBufferBytes } = this.#options;
    if (this.#bytes > maxBufferBytes) return this.fail(bufferLimit("the store", maxBufferBytes));
    this.#records.push(...records);
    this.#schedule();
  }

  /** Appends what is left, and waits until everything is durable, or something has failed. */
  async flush(): Promise<void> {
    while (!this.#hasFailed && (this.#records.length > 0 || this.#inflight.size > 0)) {
      if (this.#records.length > 0 && this.#mayAppend()) this.#appendNow();
      else await Promise.race([...this.#inflight, this.#failed.promise]).catch(() => {});
    }
  }

  #mayAppend(): boolean {
    return this.#inflight.size < MAX_INFLIGHT;
  }

  #schedule(): void {
    if (this.#records.length === 0 || this.#cancelTimer !== undefined || !this.#mayAppend()) return;
    const { clock, lingerMillis } = this.#options;
    const wait = this.#lastAt + lingerMillis - clock.now();
    if (wait <= 0) return this.#appendNow();
    this.#cancelTimer = clock.timer(
      wait,
      () => {
        this.#cancelTimer = undefined;
        if (this.#records.length > 0 && this.#mayAppend()) this.#appendNow();
      },
      true,
    );
  }

  #appendNow(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#lastAt = this.#options.clock.now();
    const batch = this.#records.splice(0, countThatFits(this.#records));
    const appended = this.#options.append(batch);
    this.#inflight.add(appended);
    appended.then(
      () => {
        this.#inflight.delete(appended);
        this.#bytes -= sizeOf(batch);
        this.#schedule();
      },
      (error: unknown) => this.fail(error),
    );
    // What did not fit one batch is not held back.
    if (this.#records.length > 0 && this.#mayAppend()) this.#appendNow();
  }

  /** Appends nothing more because of this. */
  fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#cancelTimer?.();
    this.#records.length = 0;
    this.#failed.resolve();
    this.#options.onFailure(error);
  }
}

function sizeOf(records: readonly AppendRecordInput[]): number {
  let bytes = 0;
  for (const record of records) bytes += meteredBytes(record);
  return bytes;
}
