import { invalidArgument, show } from "@s2-dev/streamstore-core/transport";
import type { UiChunk, UiChunkSource } from "./ui-types.js";

/** The chunks of a source as one stream, whose cancel reaches it. */
export function chunksOf(source: UiChunkSource): ReadableStream<UiChunk> {
  if (typeof source === "object" && source !== null) {
    if ("toUIMessageStream" in source) return source.toUIMessageStream();
    if ("getReader" in source) return source;
    if (Symbol.asyncIterator in source) return streamOf(source);
  }
  throw invalidArgument(
    `an answer must be a stream or an async iterable of chunks, or have toUIMessageStream; got ${show(source)}`,
  );
}

/** An iterable as a stream. A pending read ends when it is cancelled, also while the iterable is not ready. */
export function streamOf<T>(source: AsyncIterable<T>): ReadableStream<T> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        // Not waited for: a generator that waits for something returns only then.
        iterator.return?.()?.then(undefined, () => {});
      },
    },
    { highWaterMark: 0 },
  );
}
