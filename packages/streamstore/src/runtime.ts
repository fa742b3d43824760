import { S2Error } from "@s2-dev/streamstore-core";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import type { Runtime } from "./options.js";

/** Browsers, workers and whatever else has `fetch`: no environment, no user agent of our own, no HTTP/2 sessions. */
export const runtime: Runtime = {
  userAgent: undefined,
  environment: () => undefined,
  defaultTransport: "fetch",
  createFetchTransport: ({ clock, fetch }) => createFetchTransport({ clock, ...(fetch === undefined ? {} : { fetch }) }),
  createS2sTransport() {
    throw new S2Error({
      message: 'The transport "s2s" needs node:http2, which this runtime or bundle does not have; use "fetch"',
      code: "UNSUPPORTED",
    });
  },
};
