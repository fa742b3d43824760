import { createSystemClock, S2Error } from "@s2-dev/streamstore-core/client";
import { createFetchCalls, type Links } from "@s2-dev/streamstore-transport-fetch/calls";
import { version } from "../package.json";
import type { Runtime } from "./options.js";
import type { Appending, Reading, UnaryRead } from "./parts.js";

/** What carries sessions over `fetch`, as far as it is loaded. Code, not state: all clients share it. */
const links: { -readonly [Name in keyof Links]?: Links[Name] } = {};
let reading: Reading | undefined;
let appending: Appending | undefined;
let unaryRead: UnaryRead | undefined;

/**
 * Browsers, workers and whatever else has `fetch`: no environment, no HTTP/2 sessions, and a user agent only as far as
 * the fetch transport finds that it may set one.
 */
export const runtime: Runtime = {
  // Marked for bundlers: else a program that takes one helper gets the client, too.
  clock: /* @__PURE__ */ createSystemClock(),
  random: Math.random,
  userAgent: undefined,
  environment: () => undefined,
  defaultTransport: "fetch",
  parts: {
    reading: () => reading ?? loadReading(),
    appending: () => appending ?? loadAppending(),
    unaryRead: () => unaryRead ?? loadUnaryRead(),
    control: () => import("./control.js"),
    exactlyOnce: () => import("./exactly-once.js"),
  },
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

async function loadReading(): Promise<Reading> {
  const part = await import("./reading.js");
  links.openRead = part.openRead;
  reading = part;
  return part;
}

async function loadAppending(): Promise<Appending> {
  const part = await import("./appending.js");
  links.openAppend = part.openAppend;
  appending = part;
  return part;
}

async function loadUnaryRead(): Promise<UnaryRead> {
  unaryRead = await import("./unary-read.js");
  return unaryRead;
}

function unsupported(message: string): S2Error {
  return new S2Error({ message, code: "UNSUPPORTED", sideEffect: "none" });
}
