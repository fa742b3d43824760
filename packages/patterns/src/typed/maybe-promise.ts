/** A value that is there already, or will be: most validators answer at once, and then nothing is allocated. */
export type MaybePromise<T> = T | Promise<T>;

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === "object" && value !== null && typeof (value as Partial<Promise<T>>).then === "function"
  );
}

/** Goes on with a value, at once if it is there. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}
