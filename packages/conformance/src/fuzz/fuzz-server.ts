import { startLocal } from "@s2-dev/streamstore-local";
import { createFastClock } from "../faults/fast-clock.js";

/** What the server tells of itself when asked. */
export interface ServerState {
  /** Bytes that are in use after a collection. */
  readonly usedBytes: number;
  /** Most bytes that were ever resident. */
  readonly peakBytes: number;
  /** Answers of 500 and more, as `status method target`. */
  readonly serverErrors: readonly string[];
}

/** Long polls and heartbeats take thousandths of their time. */
const SPEED = 1000;
/** A connection of HTTP/2 that has broken the protocol is noticed by this, so no input waits long. */
const PING_MS = Number(process.env.S2_FUZZ_PING_MS ?? 500);
const KEPT_ERRORS = 20;
const serverErrors: string[] = [];

const local = await startLocal({
  clock: createFastClock(SPEED),
  ...(process.env.S2_FUZZ_DIR === undefined ? {} : { dir: process.env.S2_FUZZ_DIR }),
  ...(process.env.S2_FUZZ_AUTH === undefined ? {} : { auth: { rootToken: process.env.S2_FUZZ_AUTH } }),
  admin: process.env.S2_FUZZ_ADMIN === "1",
  timeouts: { pingMs: PING_MS },
  onAnswer({ status, method, target }) {
    if (status >= 500 && serverErrors.length < KEPT_ERRORS)
      serverErrors.push(`${status} ${method} ${target}`);
  },
});

function state(): ServerState {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return {
    usedBytes: heapUsed + external,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    serverErrors,
  };
}

// What was freed by a collection is counted one turn later.
process.on("message", () => setImmediate(() => setImmediate(() => process.send?.(state()))));
process.send?.({ port: local.port });
