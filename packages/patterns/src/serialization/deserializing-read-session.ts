import {
  type DisposableIterator,
  invalidArgument,
  type ReadRecord,
  type ReadSession,
} from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { checkIsFunction } from "../options/check-values.js";
import { MessageReader, type MessageReaderOptions } from "./message-reader.js";

/** What is dropped, what is too large, and when an unfinished message is given up. */
export interface DeserializingReadSessionOptions extends MessageReaderOptions {}

/**
 * Reads the messages that `SerializingAppendSession` writes: whole, in their order, and once each if their writer
 * dedupes. Records that belong to no message are skipped. A message is read when it is asked for, none ahead.
 *
 * It owns the read session from then on. Cancelling it or leaving a loop early cancels the session, and so does an
 * error of the deserializer, which ends the stream as it was thrown. An error of the session ends it unchanged.
 */
export class DeserializingReadSession<M> extends ReadableStream<M> implements AsyncDisposable {
  readonly #upstream: Upstream;

  /**
   * @param session a read session in bytes format that nobody else reads.
   * @param deserialize makes a message of its bytes. They may be a view on the received batch: copy what you keep.
   * @throws S2Error `INVALID_ARGUMENT` for options out of range, and a deserializer that is none.
   */
  constructor(
    session: ReadSession<"bytes">,
    deserialize: (payload: Uint8Array) => M,
    options: DeserializingReadSessionOptions = {},
  ) {
    checkIsFunction(deserialize, "the deserializer");
    const messages = new MessageReader(options);
    const upstream = openUpstream(session);
    super(
      {
        async pull(controller) {
          for (;;) {
            const record = await upstream.next();
            if (record === undefined) return controller.close();
            try {
              checkBytes(record);
              const payload = messages.push(record);
              if (payload !== undefined) return controller.enqueue(deserialize(payload));
            } catch (error) {
              // Not waited for: the error is told at once, and stays the one that was thrown.
              upstream.cancel(error).catch(() => {});
              throw error;
            }
          }
        },
        cancel: (reason) => upstream.cancel(reason),
      },
      // Nothing is taken before it is asked for, so the session's position is behind the last message handed over.
      { highWaterMark: 0 },
    );
    this.#upstream = upstream;
  }

  /** Also works while a reader or a loop holds the stream: its pending read then ends. */
  override async cancel(reason?: unknown): Promise<void> {
    if (!this.locked) return super.cancel(reason);
    return this.#upstream.cancel(reason);
  }

  /** Iterates by message; leaving the loop early cancels the session. */
  override [Symbol.asyncIterator](): DisposableIterator<M> {
    const reader = this.getReader();
    let isFinished = false;
    const finish = (): IteratorResult<M, undefined> => {
      if (!isFinished) reader.releaseLock();
      isFinished = true;
      return { done: true, value: undefined };
    };
    return {
      async next() {
        if (isFinished) return { done: true, value: undefined };
        try {
          const { done, value } = await reader.read();
          return done ? finish() : { done: false, value };
        } catch (error) {
          finish();
          throw error;
        }
      },
      async return() {
        if (isFinished) return { done: true, value: undefined };
        const cancelled = reader.cancel();
        finish();
        await cancelled;
        return { done: true, value: undefined };
      },
      async [Symbol.asyncDispose]() {
        await this.return?.();
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel("disposed");
  }
}

/** Programs without types get records of text unless they ask otherwise. */
function checkBytes({ body }: ReadRecord<"bytes">): void {
  if (typeof body !== "string") return;
  throw invalidArgument('session must be opened with as: "bytes"; it gives records of text');
}

/** The read session while it is ours: it is let go of at its end. */
interface Upstream {
  /** The next record; `undefined` at the end. */
  next(): Promise<ReadRecord<"bytes"> | undefined>;
  cancel(reason: unknown): Promise<void>;
}

function openUpstream(session: ReadSession<"bytes">): Upstream {
  if (typeof session?.getReader !== "function") {
    throw invalidArgument(`session must be a read session, not a promise of one; got ${show(session)}`);
  }
  const reader = session.getReader();
  let isOver = false;
  return {
    async next() {
      try {
        const { done, value } = await reader.read();
        if (!done) return value;
        isOver = true;
      } catch (error) {
        isOver = true;
        throw error;
      } finally {
        if (isOver) reader.releaseLock();
      }
      return undefined;
    },
    cancel: (reason) => (isOver ? Promise.resolve() : reader.cancel(reason)),
  };
}
