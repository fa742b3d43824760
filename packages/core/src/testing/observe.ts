/** What has become of a promise so far. */
export interface Observed<T> {
  /** How the promise stands. */
  readonly state: "pending" | "fulfilled" | "rejected";
  /** What it was fulfilled with. */
  readonly value: T | undefined;
  /** What it was rejected with. */
  readonly reason: unknown;
}

/** Watches a promise without waiting for it. Its rejection counts as seen. */
export function observe<T>(promise: PromiseLike<T>): Observed<T> {
  const seen: { -readonly [K in keyof Observed<T>]: Observed<T>[K] } = {
    state: "pending",
    value: undefined,
    reason: undefined,
  };
  promise.then(
    (value) => {
      seen.state = "fulfilled";
      seen.value = value;
    },
    (reason: unknown) => {
      seen.state = "rejected";
      seen.reason = reason;
    },
  );
  return seen;
}
