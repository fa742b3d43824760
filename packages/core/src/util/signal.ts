/**
 * Calls `listener` with the signal's reason when it is aborted, and returns a function that removes the listener.
 * A signal aborted already calls at once.
 */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return noop;
  if (signal.aborted) {
    listener(signal.reason);
    return noop;
  }
  const handle = (): void => listener(signal.reason);
  signal.addEventListener("abort", handle, { once: true });
  return () => signal.removeEventListener("abort", handle);
}

function noop(): void {}
