import * as appending from "@s2-dev/streamstore-core/appending";
import { createSystemClock, S2Error } from "@s2-dev/streamstore-core/client";
import * as reading from "@s2-dev/streamstore-core/reading";
import * as unaryRead from "@s2-dev/streamstore-core/unary-read";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";
import { version } from "../package.json";
import { checkNames } from "./option-names.js";
import type { ConnectOptions, Runtime } from "./options.js";
import { createTunnel } from "./proxy.node.js";

const { versions } = process as { versions: Readonly<Record<string, string | undefined>> };
const unfit = whyUnfit(versions);
const userAgent = `s2-sdk-typescript/${version}`;

/** Node, Bun and Deno: HTTP/2 sessions, except in versions of Bun and Deno whose `node:http2` stalls. */
export const runtime: Runtime = {
  clock: createSystemClock(),
  random: Math.random,
  userAgent,
  environment: readEnvironment,
  defaultTransport: unfit === undefined ? "s2s" : "fetch",
  parts: {
    reading: () => reading,
    appending: () => appending,
    unaryRead: () => unaryRead,
    control: () => import("@s2-dev/streamstore-core/control"),
    exactlyOnce: () => import("@s2-dev/streamstore-core/exactly-once"),
    refreshing: () => import("./refreshing-credentials.js"),
  },
  checkNames,
  createFetchTransport({ fetch, connect, connectionTimeoutMillis, observer, compression }) {
    if (connect !== undefined && fetch === undefined && (versions.bun ?? versions.deno) !== undefined) {
      throw unsupported('Over "fetch", this runtime heeds no "connect": use "s2s", or give a "fetch"');
    }
    const { tls, tunnel } = dialOf(connect, connectionTimeoutMillis);
    return createFetchTransport({
      userAgent,
      connect: {
        ...(connectionTimeoutMillis === undefined ? {} : { timeout: connectionTimeoutMillis }),
        ...tls,
      },
      ...(tunnel === undefined ? {} : { tunnel }),
      ...(fetch === undefined ? {} : { fetch }),
      ...(compression === undefined ? {} : { compression }),
      ...(observer === undefined ? {} : { hooks: observer.connections }),
    });
  },
  createS2sTransport({ connect, connectionTimeoutMillis, observer, compression, http2 }) {
    if (unfit !== undefined) throw unsupported(unfit);
    const { tls, tunnel } = dialOf(connect, connectionTimeoutMillis);
    return createS2sTransport({
      ...http2,
      userAgent,
      ...(tls === undefined ? {} : { tls }),
      ...(tunnel === undefined ? {} : { tunnel }),
      ...(compression === undefined ? {} : { compression }),
      ...(connectionTimeoutMillis === undefined ? {} : { connectionTimeoutMillis }),
      ...(observer === undefined ? {} : { hooks: observer.connections }),
    });
  },
};

/** What the connections are to be like, and how they get to where they go, if not directly. */
function dialOf(connect: ConnectOptions | undefined, timeoutMillis: number | undefined): Dial {
  if (connect === undefined) return {};
  const { proxy, ...tls } = connect;
  if (proxy === undefined) return { tls };
  return { tls, tunnel: createTunnel(proxy, { timeoutMillis, ca: tls.ca }) };
}

interface Dial {
  readonly tls?: Readonly<Record<string, unknown>>;
  readonly tunnel?: ReturnType<typeof createTunnel>;
}

function unsupported(message: string): S2Error {
  return new S2Error({ message, code: "UNSUPPORTED", sideEffect: "none" });
}

/** Why a runtime of these versions cannot carry sessions over its `node:http2`, if so. */
export function whyUnfit({ bun, deno }: { readonly [name: string]: string | undefined }): string | undefined {
  // Bun before 1.3.11 ignores window sizes and stalls at 64 KiB; Deno before 2.7.5 lacks `_writev`.
  if (isOlder(bun, [1, 3, 11])) return `The transport "s2s" needs Bun 1.3.11 or newer; this is ${bun}`;
  if (isOlder(deno, [2, 7, 5])) return `The transport "s2s" needs Deno 2.7.5 or newer; this is ${deno}`;
  return undefined;
}

function isOlder(version: string | undefined, than: readonly number[]): boolean {
  if (version === undefined) return false;
  const parts = version.split(/[.+-]/).map(Number);
  for (const [index, least] of than.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

/** Deno without `--allow-env` throws: then there is no environment. */
function readEnvironment(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
