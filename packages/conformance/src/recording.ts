import { EVENT_NAMES, type EventMap, type EventName, type Hooks } from "@s2-dev/streamstore";

/** An event with its name. */
export type Recorded = {
  readonly [N in EventName]: { readonly name: N } & EventMap[N];
}[EventName];

/** Keeps what hooks are told. */
export interface Recording {
  readonly hooks: Hooks;
  readonly events: readonly Recorded[];
  /** The names in order, without those of connections, which come when they come. */
  names(): EventName[];
  all<N extends EventName>(name: N): Extract<Recorded, { readonly name: N }>[];
}

export function recordEvents(): Recording {
  const events: Recorded[] = [];
  const hooks = Object.fromEntries(
    EVENT_NAMES.map((name) => [name, (event: object) => void events.push({ name, ...event } as Recorded)]),
  );
  return {
    hooks: hooks as Hooks,
    events,
    names: () => events.map(({ name }) => name).filter((name) => !name.startsWith("connection")),
    all: <N extends EventName>(wanted: N) =>
      events.filter(({ name }) => name === wanted) as Extract<Recorded, { readonly name: N }>[],
  };
}
