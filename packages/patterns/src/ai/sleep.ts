import { type Clock, onAbort } from "@s2-dev/streamstore-core/transport";

/** Waits so many milliseconds, or until the signal is aborted. Keeps no process alive. */
export function sleep(clock: Clock, millis: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    let removeListener = (): void => {};
    const cancel = clock.timer(
      millis,
      () => {
        removeListener();
        resolve();
      },
      false,
    );
    removeListener = onAbort(signal, () => {
      cancel();
      resolve();
    });
  });
}
