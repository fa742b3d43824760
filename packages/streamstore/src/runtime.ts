import { S2Error } from "@s2-dev/streamstore-core";
import { createSystemClock } from "@s2-dev/streamstore-core/session";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { version } from "../package.json";
import type { Runtime } from "./options.js";

/**
 * Browsers, workers and whatever else has `fetch`: no environment, no HTTP/2 sessions, and a user agent only as far as
 * the fetch transport finds that it may set one.
 */
export const runtime: Runtime = {
  clock: createSystemClock(),
  random: Math.random,
  userAgent: undefined,
  environment: () => undefined,
  defaultTransport: "fetch",
  createFetchTransport({ fetch, connect, http2, compression }) {
    if (connect !== undefined || http2 !== undefined)
      throw unsupported(
        `The option "${connect === undefined ? "http2" : "connect"}" needs a server runtime; here a program cannot say how connections are made`,
      );
    return createFetchTransport({
      userAgent: `s2-sdk-typescript/${version}`,
      ...(fetch === undefined ? {} : { fetch }),
      ...(compression === undefined ? {} : { compression }),
    });
  },
  createS2sTransport() {
    throw unsupported(
      'The transport "s2s" needs node:http2, which this runtime or bundle does not have; use "fetch"',
    );
  },
};

function unsupported(message: string): S2Error {
  return new S2Error({ message, code: "UNSUPPORTED", sideEffect: "none" });
}
