import http2, { type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { syncBuiltinESMExports } from "node:module";

/** What a program holds at the moment, whether or not it keeps the process alive. */
export interface Holdings {
  readonly timers: number;
  readonly connections: number;
  readonly streams: number;
}

/** Counts every timer of the program, and every HTTP/2 connection and stream of its clients, from now on. */
export function countHoldings(): () => Holdings {
  const timers = countTimers();
  const connections = new Set<ClientHttp2Session>();
  const streams = new Set<ClientHttp2Stream>();
  const { connect } = http2;
  http2.connect = ((...args: Parameters<typeof connect>) => {
    const session = connect(...args);
    connections.add(session);
    session.once("close", () => connections.delete(session));
    const request = session.request.bind(session);
    session.request = (...given) => {
      const stream = request(...given);
      streams.add(stream);
      stream.once("close", () => streams.delete(stream));
      return stream;
    };
    return session;
  }) as typeof connect;
  // Named imports see it, too.
  syncBuiltinESMExports();
  return () => ({ timers: timers.size, connections: connections.size, streams: streams.size });
}

function countTimers(): ReadonlySet<unknown> {
  const pending = new Set<unknown>();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const counting = (fire: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown => {
    const handle = set(() => {
      pending.delete(handle);
      fire(...args);
    }, ms);
    pending.add(handle);
    return handle;
  };
  globalThis.setTimeout = Object.assign(counting, set) as typeof set;
  globalThis.clearTimeout = ((handle) => {
    pending.delete(handle);
    clear(handle);
  }) as typeof clear;
  return pending;
}
