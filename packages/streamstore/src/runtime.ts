import { createSystemClock, S2Error } from "@s2-dev/streamstore-core/client";
import { createFetchCalls, type Links } from "@s2-dev/streamstore-transport-fetch/calls";
import { version } from "../package.json";
import type { Runtime } from "./options.js";
import type { Parts } from "./parts.js";

/**
 * Browsers, workers and whatever else has `fetch`: no environment, no HTTP/2 sessions, and a user agent only as far as
 * the fetch transport finds that it may set one. What loads the parts is passed in: they reach this module, and a
 * bundler that meets a ring of modules keeps all of it, whether it is used or not.
 */
export function createRuntime(parts: Parts, links: Partial<Links>): Runtime {
  return {
    clock: createSystemClock(),
    random: Math.random,
    userAgent: undefined,
    environment: () => undefined,
    defaultTransport: "fetch",
    parts,
    checkNames() {},
    createFetchTransport({ fetch, compression, ...others }) {
      for (const name of ["connect", "http2", "logger"] as const)
        if (others[name] !== undefined) throw unsupported(`"${name}" needs a server runtime`);
      return createFetchCalls(
        {
          userAgent: `s2-sdk-typescript/${version}`,
          ...(fetch === undefined ? {} : { fetch }),
          ...(compression === undefined ? {} : { compression }),
        },
        links,
      );
    },
    createS2sTransport() {
      throw unsupported('"s2s" needs node:http2, which is not here; use "fetch"');
    },
  };
}

function unsupported(message: string): S2Error {
  return new S2Error({ message, code: "UNSUPPORTED", sideEffect: "none" });
}
