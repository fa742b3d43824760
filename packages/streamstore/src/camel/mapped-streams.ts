import { errorFrom, rethrow } from "./errors.js";

/** An async iterator that `await using` ends. */
export interface DisposableIterator<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {
  [Symbol.asyncIterator](): DisposableIterator<T>;
}

/** A readable stream that can also be iterated, where streams cannot. */
export interface IterableStream<T> extends ReadableStream<T>, AsyncIterable<T> {
  [Symbol.asyncIterator](): DisposableIterator<T>;
}

/** Each chunk of another stream, converted when it is asked for; failures are this entry's. */
export function mappedReadable<S, T>(source: ReadableStream<S>, convert: (chunk: S) => T): IterableStream<T> {
  const reader = source.getReader();
  const stream = new ReadableStream<T>(
    {
      async pull(controller) {
        const next = await reader.read().catch(rethrow);
        if (next.done) controller.close();
        else controller.enqueue(convert(next.value));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  ) as IterableStream<T>;
  // Safari's ReadableStream has no iterator of its own.
  if (!(Symbol.asyncIterator in stream)) {
    Object.defineProperty(stream, Symbol.asyncIterator, { value: () => iterate(stream) });
  }
  return stream;
}

/** Gives each chunk, converted, to another stream, whose end and failure are its own. */
export function mappedWritable<S, T>(sink: WritableStream<T>, convert: (chunk: S) => T): WritableStream<S> {
  const writer = sink.getWriter();
  return new WritableStream<S>({
    start(controller) {
      controller.signal.addEventListener("abort", () => {
        writer.abort(controller.signal.reason).catch(() => {});
      });
      writer.closed.catch((thrown: unknown) => {
        if (!controller.signal.aborted) controller.error(errorFrom(thrown));
      });
    },
    write: (chunk) => writer.write(convert(chunk)).catch(rethrow),
    close: () => writer.close().catch(rethrow),
  });
}

async function* iterate<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
