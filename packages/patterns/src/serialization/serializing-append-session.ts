import type { AppendSession } from "@s2-dev/streamstore-core";
import { type FramerOptions, type MessageBatches, MessageFramer } from "./message-framer.js";
import { MessageQueue, type MessageRange } from "./message-queue.js";

/** How messages are cut, numbered, and put behind each other. */
export interface SerializingAppendSessionOptions extends FramerOptions {
  /**
   * The sequence number that the first record must get: makes this the only writer, as every batch is then appended
   * only directly behind the one before. Default: no condition.
   */
  readonly matchSeqNum?: number | undefined;
}

/**
 * Writes messages of any size to a stream, each in one or more records. A message that fits in one batch (1000
 * records, 1 MiB) is appended all or not at all; a larger one takes several batches, and readers see it when all have
 * arrived. Batches are pipelined: a write waits for the session's capacity, not for acks.
 *
 * It owns the append session from then on: closing or aborting it ends the session, and so does a failed write.
 */
export class SerializingAppendSession<M> extends WritableStream<M> implements AsyncDisposable {
  readonly #framer: MessageFramer<M>;
  readonly #queue: MessageQueue;
  #closing: Promise<void> | undefined;

  /**
   * @param session an append session nobody else writes to by its `writable`.
   * @param serializer gives a message's bytes, which must stay as they are until the message is written.
   * @throws S2Error `INVALID_ARGUMENT` for options out of range, or a session whose `writable` is locked.
   */
  constructor(
    session: AppendSession,
    serializer: (message: M) => Uint8Array,
    options: SerializingAppendSessionOptions = {},
  ) {
    let controller: WritableStreamDefaultController | undefined;
    const framer = new MessageFramer(serializer, options);
    const queue = new MessageQueue(session, options.matchSeqNum, (failure) => {
      // A stream that is being aborted has its error already, and some runtimes break when given another.
      if (controller?.signal.aborted === false) controller.error(failure);
    });
    super({
      start(given) {
        controller = given;
        // The sink's abort waits for a write under way, which may itself wait for capacity.
        given.signal.addEventListener("abort", () => ignoreRejection(queue.abort(given.signal.reason)));
      },
      write(message) {
        return queue.send(frameOrFail(framer, queue, message)).admitted;
      },
      close: () => queue.close(),
      abort: (reason) => queue.abort(reason),
    });
    this.#framer = framer;
    this.#queue = queue;
  }

  /**
   * Appends one message behind all before it, and resolves once it is durable with the sequence numbers it got
   * (`end` exclusive; those of other writers may lie between if the message took several batches).
   * A message that cannot be serialized or is too large rejects only its own promise. Any other failure ends the
   * session; close() reports it too, so this promise may be left alone.
   */
  submit(message: M): Promise<MessageRange> {
    const refusal = this.#queue.refusal();
    if (refusal !== undefined) return Promise.reject(refusal);
    let batches: MessageBatches;
    try {
      batches = this.#framer.frame(message);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#queue.send(batches).acked;
  }

  /**
   * The number that the first record of the next message will get: what to keep, with the `writerId`, to go on after a
   * restart. `undefined` without `dedupeSeq`.
   */
  get nextDedupeSeq(): bigint | undefined {
    return this.#framer.nextDedupeSeq;
  }

  /**
   * Waits until every message is durable, then ends the session. Rejects with what went wrong, if anything did. May be
   * called again.
   */
  override close(): Promise<void> {
    const settled = this.#queue.ended ?? this.#closing;
    if (settled !== undefined) return settled;
    const closing = super.close();
    // A stream that is locked refuses to close, and can be asked again.
    if (!this.locked) this.#closing = closing;
    return closing;
  }

  /** The same as `close()`, also while the stream is locked. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.locked ? this.#queue.close() : this.close();
  }
}

/** The stream fails with its write, so no later message is taken on any way. */
function frameOrFail<M>(framer: MessageFramer<M>, queue: MessageQueue, message: M): MessageBatches {
  try {
    return framer.frame(message);
  } catch (error) {
    queue.fail(error);
    throw error;
  }
}

function ignoreRejection(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
