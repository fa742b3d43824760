import type { Writable } from "node:stream";
import { AppendTally } from "../fixture/append-frames.js";

/** What the server remembers of one stream: only what the runner asks it to check. */
export interface StreamState {
  readonly appended: AppendTally;
  /** Bytes served to readers. */
  served: number;
}

export interface Streams {
  get(name: string): StreamState;
  /** Forgets the stream and returns what was known. */
  take(name: string): StreamState;
  /** Open live reads by stream. */
  readonly tails: Map<string, Writable>;
}

export function createStreams(): Streams {
  const states = new Map<string, StreamState>();
  const get = (name: string): StreamState => {
    let state = states.get(name);
    if (state === undefined) {
      // Taking the checksum costs the server more than the client, so only runs that verify ask for it.
      state = { appended: new AppendTally(name.endsWith("verify")), served: 0 };
      states.set(name, state);
    }
    return state;
  };
  return {
    get,
    take(name) {
      const state = get(name);
      states.delete(name);
      return state;
    },
    tails: new Map(),
  };
}
