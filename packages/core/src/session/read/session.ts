import { abortedError } from "../../error/make.js";
import { checkObject } from "../../model/checks.js";
import type { StreamPosition } from "../../model/position.js";
import type { ReadBatch, ReadFormat, ReadRecord, RecordFormat } from "../../model/record.js";
import type { RetryConfig } from "../../retry/settings.js";
import type { WireRequest } from "../../transport/index.js";
import { onAbort } from "../../util/signal.js";
import { type SessionContext, withRetry } from "../context.js";
import { type DisposableIterator, iterateLocked } from "../iterate.js";
import type { ReadRange } from "./cursor.js";
import { Delivery } from "./delivery.js";
import { ReadDriver } from "./driver.js";
import type { BatchesOptions, ReadSession } from "./types.js";

export interface ReadSessionSpec<F extends RecordFormat> {
  readonly range: ReadRange;
  readonly format: ReadFormat<F>;
  /** Names records that are skipped: they count in positions and limits, and are not handed over. */
  readonly skips?: ((record: ReadRecord<F>) => boolean) | undefined;
  /** The read of the stream for a range, without content negotiation. */
  readonly request: (range: ReadRange) => WireRequest;
  readonly signal?: AbortSignal | undefined;
  /** Where the session retries otherwise than its client. */
  readonly retry?: RetryConfig | undefined;
  /** Registers what closes the session with its owner, who gives back what unregisters it when it has ended. */
  readonly track?: ((close: () => Promise<void>) => () => void) | undefined;
}

/**
 * Opens a read session. Resolves when the server has accepted the read and, for a start relative to the tail or to a
 * time, when its position is fixed; rejects with what the server answered instead (404, 416, ...).
 */
export async function openReadSession<F extends RecordFormat>(
  context: SessionContext,
  spec: ReadSessionSpec<F>,
): Promise<ReadSession<F>> {
  if (spec.signal?.aborted) throw abortedError(spec.signal.reason);
  let removeListener = (): void => {};
  let untrack = (): void => {};
  const own = withRetry(context, spec.retry);
  const observed = own.observer?.session("read_session", own, spec.request(spec.range));
  const driver = new ReadDriver(observed?.context ?? own, spec, (failure) => {
    removeListener();
    untrack();
    observed?.ended(failure);
  });
  const delivery = new Delivery(driver, spec.skips);
  if (!driver.isEnded) {
    removeListener = onAbort(spec.signal, (reason) => {
      delivery.drop();
      driver.abort(abortedError(reason));
    });
    untrack = spec.track?.(async () => driver.close()) ?? untrack;
  }
  await driver.opened;
  return new RecordStream(driver, delivery);
}

/** A real `ReadableStream`, since the public contract demands one; iteration goes around its per-chunk cost. */
class RecordStream<F extends RecordFormat> extends ReadableStream<ReadRecord<F>> implements ReadSession<F> {
  /** What belongs to it is asked for by it: Node.js makes each stream hidden classes of its own, one a field. */
  readonly #delivery: Delivery<F>;

  constructor(driver: ReadDriver<F>, delivery: Delivery<F>) {
    super(
      {
        // With no high-water mark each pull answers a read: what is handed over is what was asked for.
        pull(controller) {
          const record = delivery.take();
          if (record !== undefined) return controller.enqueue(record);
          return delivery.next().then((next) => {
            if (next.done === true) controller.close();
            else controller.enqueue(next.value);
          });
        },
        cancel(reason) {
          delivery.drop();
          driver.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.#delivery = delivery;
  }

  nextReadPosition(): StreamPosition | undefined {
    return this.#delivery.position;
  }

  lastObservedTail(): StreamPosition | undefined {
    return this.#delivery.driver.tail;
  }

  isCaughtUp(): boolean {
    return this.#delivery.driver.caughtUp.isCaughtUp();
  }

  caughtUp(): Promise<StreamPosition> {
    return this.#delivery.driver.caughtUp.caughtUp();
  }

  /** Also ends a session that a reader or a loop holds: its pending read ends, and the connection is let go. */
  override async cancel(reason?: unknown): Promise<void> {
    if (!this.locked) return super.cancel(reason);
    this.#delivery.drop();
    this.#delivery.driver.cancel(reason);
  }

  override [Symbol.asyncIterator](): DisposableIterator<ReadRecord<F>> {
    const delivery = this.#delivery;
    return this.#iterate(() => delivery.next());
  }

  batches(options: BatchesOptions = {}): DisposableIterator<ReadBatch<F>> {
    checkObject(options, "options");
    const { heartbeats = false } = options;
    const delivery = this.#delivery;
    return this.#iterate(() => delivery.nextBatch(heartbeats));
  }

  #iterate<T>(step: () => Promise<IteratorResult<T, undefined>>): DisposableIterator<T> {
    return iterateLocked(this, (finish) => {
      // Called by whoever settles the promise of `next()`: one derived from it would cost a live record its own price.
      this.#delivery.onEnd = finish;
      return step;
    });
  }

  /** Never rejects: what ended the session was told to whoever read it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel("disposed").catch(() => {});
  }
}
