/** A promise with its settling functions outside (`Promise.withResolvers` is missing in Node 20). */
export interface Deferred<T> {
  /** Settles as the other two say. */
  readonly promise: Promise<T>;
  /** Fulfils the promise; later calls change nothing. */
  resolve(value: T): void;
  /** Rejects the promise; later calls change nothing. */
  reject(reason: unknown): void;
}

let lastResolve: (value: never) => void;
let lastReject: (reason: unknown) => void;

/** One for all promises: a function of its own, with what it sees, would cost each 150 bytes. */
function keep(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  lastResolve = resolve;
  lastReject = reject;
}

/** A new one, not settled. */
export function createDeferred<T>(): Deferred<T> {
  const promise = new Promise<T>(keep);
  return { promise, resolve: lastResolve as (value: T) => void, reject: lastReject };
}

/** Marks a promise's rejection as seen: whoever awaits it still gets it, nobody else is told of it. */
export function ignoreRejection(promise: Promise<unknown>): void {
  promise.then(undefined, () => {});
}
