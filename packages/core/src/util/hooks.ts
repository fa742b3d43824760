/** Functions that are told of events, by the event's name; none has to be there. */
export type HooksOf<Events> = {
  readonly [Name in keyof Events]?: ((event: Events[Name]) => void) | undefined;
};

/**
 * One set of hooks out of several, which never throws: what a hook throws, or what the promise of an async one rejects
 * with, goes to `failed`. An event that nobody listens to has no function, so nobody has to make it.
 */
export function guardHooks<Events>(
  names: readonly (keyof Events)[],
  sets: readonly HooksOf<Events>[],
  failed: (name: keyof Events, error: unknown) => void,
): HooksOf<Events> {
  const guarded: { -readonly [Name in keyof Events]?: (event: Events[Name]) => void } = {};
  for (const name of names) {
    const listening = sets.filter((hooks) => typeof hooks[name] === "function");
    if (listening.length === 0) continue;
    const fail = (error: unknown): void => failed(name, error);
    guarded[name] = (event) => {
      for (const hooks of listening) {
        try {
          const result: unknown = hooks[name]?.(event);
          if (result instanceof Promise) result.catch(fail);
        } catch (error) {
          fail(error);
        }
      }
    };
  }
  return guarded;
}
