import type { ClauseId } from "./clauses.js";
import type { RawContext } from "./raw-context.js";
import type { SdkContext } from "./sdk-context.js";
import type { RawWire, SdkWire } from "./targets.js";

/** Something a user of the SDK or of the service can see, written once and run on each pair. */
export type Behaviour = SdkBehaviour | RawBehaviour;

interface Common<Wire, Context> {
  /** A sentence, unique in its topic. */
  readonly says: string;
  /** What of the service's contract this shows. */
  readonly shows: readonly ClauseId[];
  /** The wires on which it makes sense; all unless named. */
  readonly wires?: readonly Wire[] | undefined;
  readonly run: (context: Context) => Promise<void>;
}

export interface SdkBehaviour extends Common<SdkWire, SdkContext> {
  readonly through: "sdk";
}

export interface RawBehaviour extends Common<RawWire, RawContext> {
  readonly through: "raw";
}

/** Behaviours that belong together; one test file runs one topic. */
export interface Topic {
  readonly name: string;
  readonly behaviours: readonly Behaviour[];
}

type Register<Wire, Context> = (
  says: string,
  shows: readonly ClauseId[],
  run: (context: Context) => Promise<void>,
  options?: { readonly wires?: readonly Wire[] },
) => void;

/** What a topic registers its behaviours with. */
export interface Registry {
  /** Seen through the public API of the SDK, over each transport. */
  readonly sdk: Register<SdkWire, SdkContext>;
  /** Seen by a plain HTTP client, over each version of HTTP. */
  readonly raw: Register<RawWire, RawContext>;
}

/** Gathers the behaviours of a topic. Throws when two say the same. */
export function topic(name: string, register: (registry: Registry) => void): Topic {
  const behaviours: Behaviour[] = [];
  const add = (behaviour: Behaviour): void => {
    if (behaviours.some(({ says }) => says === behaviour.says)) {
      throw new Error(`Two behaviours of "${name}" say: ${behaviour.says}`);
    }
    behaviours.push(behaviour);
  };
  register({
    sdk: (says, shows, run, options) => add({ through: "sdk", says, shows, run, wires: options?.wires }),
    raw: (says, shows, run, options) => add({ through: "raw", says, shows, run, wires: options?.wires }),
  });
  return { name, behaviours };
}
