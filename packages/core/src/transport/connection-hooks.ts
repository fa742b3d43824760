import type { S2Error } from "../error/s2-error.js";
import { guardHooks, type HooksOf } from "../util/hooks.js";

/** One connection of a transport. The same object in every event that tells of it. */
export interface ConnectionInfo {
  /** Unique in its transport, from 1 on. */
  readonly id: number;
  /** The transport's name, such as `s2s`. */
  readonly transport: string;
  /** Such as `https://a.s2.dev`. */
  readonly origin: string;
}

/** Events of a transport's connections. */
export interface ConnectionEventMap {
  /** A connection is open: TCP, TLS, and for HTTP/2 the peer's settings. */
  connectionOpened: { readonly connection: ConnectionInfo; readonly latencyMillis: number };
  /** A connection could not be opened. */
  connectionFailed: {
    readonly connection: ConnectionInfo;
    readonly latencyMillis: number;
    readonly error: S2Error;
  };
  /** A connection that was open is closed, by whichever side. */
  connectionClosed: { readonly connection: ConnectionInfo; readonly durationMillis: number };
}

/**
 * What is told of connections. What a hook throws is ignored. Only transports that open connections themselves can
 * tell: `s2s`, and `fetch` on Node.js with its own `fetch`.
 */
export type ConnectionHooks = HooksOf<ConnectionEventMap>;

export const CONNECTION_HOOK_NAMES: readonly (keyof ConnectionEventMap)[] = [
  "connectionOpened",
  "connectionFailed",
  "connectionClosed",
];

/** Reports what becomes of one connection that is being opened: `opened closed?`, or `failed`, or nothing if given up. */
export interface ConnectionReport {
  /** It can be used. */
  opened(): void;
  /** It could not be opened. */
  failed(error: S2Error): void;
  /** The connection has come to its end. */
  closed(): void;
}

/** For transports: begins a report at each dial. `now` gives milliseconds. */
export function createConnectionReporter(
  hooks: ConnectionHooks,
  transport: string,
  now: () => number,
): (origin: string) => ConnectionReport {
  const guarded = guardHooks(CONNECTION_HOOK_NAMES, [hooks], () => {});
  let count = 0;
  return (origin) => {
    count += 1;
    const connection: ConnectionInfo = { id: count, transport, origin };
    let since = now();
    const elapsed = (): number => now() - since;
    return {
      opened() {
        guarded.connectionOpened?.({ connection, latencyMillis: elapsed() });
        since = now();
      },
      failed: (error) => guarded.connectionFailed?.({ connection, latencyMillis: elapsed(), error }),
      closed: () => guarded.connectionClosed?.({ connection, durationMillis: elapsed() }),
    };
  };
}
