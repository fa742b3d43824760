/** An async iterator that `await using` ends. */
export interface DisposableIterator<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {
  [Symbol.asyncIterator](): DisposableIterator<T>;
}

/**
 * Iterates a stream by its reader: leaving the loop early cancels the stream, and `return()` after the end is harmless.
 */
export function asyncIteratorOf<T>(stream: ReadableStream<T>): DisposableIterator<T> {
  return iterateLocked(stream, (finish, reader) => async () => {
    try {
      const result = await reader.read();
      return result.done ? finish() : result;
    } catch (error) {
      finish();
      throw error;
    }
  });
}

/**
 * The same for a stream whose chunks can be had otherwise than from its reader. It is locked all the while, so that two
 * consumers cannot share its chunks unnoticed.
 * @param begin is told how to finish, at the end or at a failure, and gives what each `next()` does until then.
 */
export function iterateLocked<C, T>(
  stream: ReadableStream<C>,
  begin: (
    finish: () => IteratorResult<T, undefined>,
    reader: ReadableStreamDefaultReader<C>,
  ) => () => Promise<IteratorResult<T, undefined>>,
): DisposableIterator<T> {
  const reader = stream.getReader();
  let isFinished = false;
  const finish = (): IteratorResult<T, undefined> => {
    if (!isFinished) reader.releaseLock();
    isFinished = true;
    return { done: true, value: undefined };
  };
  const step = begin(finish, reader);
  return {
    next() {
      return isFinished ? Promise.resolve(finish()) : step();
    },
    async return() {
      if (isFinished) return finish();
      const cancelled = reader.cancel();
      finish();
      await cancelled;
      return finish();
    },
    async [Symbol.asyncDispose]() {
      await this.return?.();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
