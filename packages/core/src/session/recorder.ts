import type { S2Error } from "../error/s2-error.js";
import { Fifo } from "../util/fifo.js";
import { asyncIteratorOf, type DisposableIterator } from "./iterate.js";

/** A stream that can also be iterated, where streams cannot. */
export interface RecordedStream<T> extends ReadableStream<T>, AsyncIterable<T> {
  [Symbol.asyncIterator](): DisposableIterator<T>;
}

/** The acknowledgements of a session as a stream, recorded from its making on. */
export interface Recorder<T> {
  readonly stream: RecordedStream<T>;
  push(ack: T): void;
  end(failure: S2Error | undefined): void;
}

/**
 * Keeps what has not been read itself: a stream that is errored forgets what it had queued, and the acks before a
 * failure are what its reader most needs to know.
 */
export function createRecorder<T>(): Recorder<T> {
  const unread = new Fifo<T>();
  let controller: ReadableStreamDefaultController<T> | undefined;
  let ending: { readonly failure: S2Error | undefined } | undefined;
  let resume: (() => void) | undefined;

  const finishIfRead = (): void => {
    if (ending === undefined || unread.length > 0) return;
    if (ending.failure === undefined) controller?.close();
    else controller?.error(ending.failure);
    controller = undefined;
  };
  const give = (): void => {
    const ack = unread.shift();
    if (ack !== undefined) controller?.enqueue(ack);
    finishIfRead();
  };
  const stream = new ReadableStream<T>(
    {
      start(given) {
        controller = given;
      },
      pull() {
        if (unread.length > 0) return give();
        return new Promise<void>((resolve) => {
          resume = resolve;
        });
      },
      cancel() {
        controller = undefined;
        unread.clear();
      },
    },
    { highWaterMark: 0 },
  ) as RecordedStream<T>;
  // Safari's ReadableStream has no iterator of its own.
  Object.defineProperty(stream, Symbol.asyncIterator, { value: () => asyncIteratorOf(stream) });

  const wake = (): void => {
    const pulled = resume;
    resume = undefined;
    pulled?.();
  };
  return {
    stream,
    push(ack) {
      if (controller === undefined) return;
      unread.push(ack);
      if (resume === undefined) return;
      give();
      wake();
    },
    end(failure) {
      ending = { failure };
      finishIfRead();
      wake();
    },
  };
}
