import type { ReadSession } from "@s2-dev/streamstore-core";
import { isPromise } from "./maybe-promise.js";
import type { AnyMessage, MessageReader } from "./message-reader.js";
import type { ResumePosition } from "./message-types.js";

/**
 * Messages of one stream, from a position on, followed live until the end of `wait`, `until`, or a cancel. Iterate it by
 * message or by batch, one of them at a time. Leaving a loop early ends the read, and so does a message that is refused
 * under the policy `"throw"`, after all messages before it.
 */
export interface TypedReadSession<M> extends AsyncIterable<M>, AsyncDisposable {
  [Symbol.asyncIterator](): AsyncGenerator<M, undefined>;
  /** By received batch: one promise a batch instead of several a message. None is empty. */
  batches(): AsyncGenerator<M[], undefined>;
  /** The same messages as a stream. Nothing is read before it is asked for; cancelling it ends the read. */
  toReadableStream(): ReadableStream<M>;
  /** Where to go on after the last message that was handed over; `undefined` before the first. */
  resumePosition(): ResumePosition | undefined;
  /** Whether everything there was has been handed over. */
  isCaughtUp(): boolean;
  /** Ends the read, also while somebody waits for a message. */
  cancel(reason?: unknown): Promise<void>;
}

/** Reads typed messages through a session that it owns. */
export class MessageSession implements TypedReadSession<AnyMessage> {
  readonly #session: ReadSession<"bytes">;
  readonly #reader: MessageReader;
  /** The last message that was handed over. */
  #last: AnyMessage | undefined;
  /** Messages of the batch in hand that have not been handed over. */
  #left = 0;

  constructor(session: ReadSession<"bytes">, reader: MessageReader) {
    this.#session = session;
    this.#reader = reader;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AnyMessage, undefined> {
    for await (const messages of this.#decoded()) {
      this.#left = messages.length;
      for (const message of messages) {
        this.#left -= 1;
        this.#last = message;
        yield message;
      }
    }
    return undefined;
  }

  async *batches(): AsyncGenerator<AnyMessage[], undefined> {
    for await (const messages of this.#decoded()) {
      this.#last = messages[messages.length - 1];
      yield messages;
    }
    return undefined;
  }

  toReadableStream(): ReadableStream<AnyMessage> {
    const messages = this[Symbol.asyncIterator]();
    return new ReadableStream<AnyMessage>(
      {
        async pull(controller) {
          const { done, value } = await messages.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        // The generator may be waiting for a batch, and would not hear of its own return before that comes.
        cancel: (reason) => this.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  resumePosition(): ResumePosition | undefined {
    return this.#last?.resume;
  }

  isCaughtUp(): boolean {
    return this.#left === 0 && this.#session.isCaughtUp();
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#session.cancel(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel("disposed").catch(() => {});
  }

  /** The messages of each batch. What refuses one comes after those before it. */
  async *#decoded(): AsyncGenerator<AnyMessage[], undefined> {
    for await (const { records } of this.#session.batches()) {
      const messages: AnyMessage[] = [];
      let refusal: { readonly error: unknown } | undefined;
      for (const record of records) {
        try {
          const decoded = this.#reader.push(record);
          const message = isPromise(decoded) ? await decoded : decoded;
          if (message !== undefined) messages.push(message);
        } catch (error) {
          refusal = { error };
          break;
        }
      }
      if (messages.length > 0) yield messages;
      if (refusal !== undefined) throw refusal.error;
    }
    return undefined;
  }
}
