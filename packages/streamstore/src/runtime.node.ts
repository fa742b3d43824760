import { S2Error } from "@s2-dev/streamstore-core";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";
import { version } from "../package.json";
import type { Runtime } from "./options.js";

const { versions } = process as { versions: Readonly<Record<string, string | undefined>> };
const unfit = whyUnfit();

/** Node, Bun and Deno: HTTP/2 sessions, except in versions of Bun and Deno whose `node:http2` stalls. */
export const runtime: Runtime = {
  userAgent: `s2-sdk-typescript/${version}`,
  environment: readEnvironment,
  defaultTransport: unfit === undefined ? "s2s" : "fetch",
  createFetchTransport: ({ clock, fetch, connect, connectionTimeoutMillis }) =>
    createFetchTransport({
      clock,
      ...(fetch === undefined ? {} : { fetch }),
      ...(connect === undefined ? {} : { connect }),
      ...(connectionTimeoutMillis === undefined ? {} : { connectionTimeoutMillis }),
    }),
  createS2sTransport({ clock, connect, connectionTimeoutMillis }) {
    if (unfit !== undefined) throw new S2Error({ message: unfit, code: "UNSUPPORTED" });
    return createS2sTransport({
      clock,
      ...(connect === undefined ? {} : { tls: connect }),
      ...(connectionTimeoutMillis === undefined ? {} : { connectionTimeoutMillis }),
    });
  },
};

/** Why this runtime's `node:http2` cannot carry sessions, if so. */
function whyUnfit(): string | undefined {
  // Bun before 1.3.11 ignores window sizes and stalls at 64 KiB; Deno before 2.7.5 lacks `_writev`.
  if (isOlder(versions.bun, [1, 3, 11])) return `The transport "s2s" needs Bun 1.3.11 or newer; this is ${versions.bun}`;
  if (isOlder(versions.deno, [2, 7, 5])) return `The transport "s2s" needs Deno 2.7.5 or newer; this is ${versions.deno}`;
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
