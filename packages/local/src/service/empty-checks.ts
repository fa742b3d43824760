import { streamKey } from "./stream-key.js";

/** A stream that is looked at, and when, in milliseconds since the epoch. */
interface EmptyCheck {
  readonly basin: string;
  readonly name: string;
  readonly at: number;
}

/** When to look whether streams are empty, which are to be deleted then. */
export class EmptyChecks {
  readonly #checks = new Map<string, EmptyCheck>();

  /** Plans a look at a stream, unless there is one sooner. */
  plan(basin: string, name: string, at: number): void {
    const key = streamKey(basin, name);
    const known = this.#checks.get(key);
    if (known === undefined || known.at > at) this.#checks.set(key, { basin, name, at });
  }

  drop(basin: string, name: string): void {
    this.#checks.delete(streamKey(basin, name));
  }

  /** Those whose time has come; they stay until they are dropped. */
  due(now: number): EmptyCheck[] {
    return [...this.#checks.values()].filter(({ at }) => at <= now);
  }
}
