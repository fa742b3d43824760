import { useEffect, useState } from "preact/hooks";

/** Something that is being fetched, or was. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  reload(): void;
}

/** Fetches anew whenever one of `inputs` changes, and shows what there was until the new is there. */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({
    value: undefined,
    error: undefined,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    const settle = (next: Partial<Loaded<T>>): void => {
      if (!controller.signal.aborted) setState((was) => ({ ...was, isLoading: false, ...next }));
    };
    setState((was) => ({ ...was, isLoading: true }));
    load(controller.signal).then(
      (value) => settle({ value, error: undefined }),
      (error: unknown) => settle({ error, value: undefined }),
    );
    return () => controller.abort();
  }, [...inputs, round]);
  return { ...state, reload: () => setRound((was) => was + 1) };
}
