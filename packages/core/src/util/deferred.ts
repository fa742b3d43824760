/** A promise with its settling functions outside (`Promise.withResolvers` is missing in Node 20). */
export interface Deferred<T> {
  /** Settles as the other two say. */
  readonly promise: Promise<T>;
  /** Fulfils the promise; later calls change nothing. */
  resolve(value: T): void;
  /** Rejects the promise; later calls change nothing. */
  reject(reason: unknown): void;
}

/** A new one, not settled. */
export function createDeferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Marks a promise's rejection as seen: whoever awaits it still gets it, nobody else is told of it. */
export function ignoreRejection(promise: Promise<unknown>): void {
  promise.then(undefined, () => {});
}
