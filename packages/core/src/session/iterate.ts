/** An async iterator that `await using` ends. */
export interface DisposableIterator<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {
  [Symbol.asyncIterator](): DisposableIterator<T>;
}

/**
 * Iterates a stream by its reader: leaving the loop early cancels the stream, and `return()` after the end is harmless.
 */
export function asyncIteratorOf<T>(stream: ReadableStream<T>): DisposableIterator<T> {
  const reader = stream.getReader();
  let finished = false;
  const finish = (): IteratorResult<T, undefined> => {
    if (!finished) reader.releaseLock();
    finished = true;
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (finished) return { done: true, value: undefined };
      try {
        const result = await reader.read();
        return result.done ? finish() : { done: false, value: result.value };
      } catch (error) {
        finish();
        throw error;
      }
    },
    async return() {
      if (finished) return { done: true, value: undefined };
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
