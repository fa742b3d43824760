/** An `AbortController` that knows how many listeners its signal has. */
export interface CountingAbortController {
  /** The signal whose listeners are counted. */
  readonly signal: AbortSignal;
  /** Listeners that were added and neither removed nor called. */
  readonly listeners: number;
  /** Aborts the signal, with a reason if there is one. */
  abort(reason?: unknown): void;
}

/** Makes an `AbortController` for tests that must not leave a listener behind. */
export function createCountingAbortController(): CountingAbortController {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.defineProperties(signal, {
    addEventListener: {
      value: (type: string, listener: EventListener, options?: AddEventListenerOptions): void => {
        listeners.add(listener);
        add(type, listener, options);
      },
    },
    removeEventListener: {
      value: (type: string, listener: EventListener): void => {
        listeners.delete(listener);
        remove(type, listener);
      },
    },
  });
  return {
    signal,
    get listeners() {
      return listeners.size;
    },
    abort(reason) {
      controller.abort(reason);
      listeners.clear();
    },
  };
}
