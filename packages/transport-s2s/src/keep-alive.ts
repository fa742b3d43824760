import type { ClientHttp2Session } from "node:http2";
import { S2Error } from "@s2-dev/streamstore-core/transport";
import type { S2sSettings } from "./settings.js";

/** Pings a connection to notice a peer that is gone without a word. */
export interface KeepAlive {
  /** Does nothing when it runs already. */
  start(): void;
  stop(): void;
}

/** `onLost` is called at most once. Its timers never keep the process alive. */
export function createKeepAlive(
  session: ClientHttp2Session,
  settings: S2sSettings,
  onLost: (error: S2Error) => void,
): KeepAlive {
  const { clock, keepAliveIntervalMillis, keepAliveTimeoutMillis } = settings;
  let stopTimer: (() => void) | undefined;
  // Answers to the pings of an earlier run do not count.
  let run = 0;

  function schedule(): void {
    stopTimer = clock.timer(keepAliveIntervalMillis, ping, false);
  }

  function ping(): void {
    const current = run;
    const isCurrent = (): boolean => current === run;
    let answered = false;
    const judge = (): void => {
      if (isCurrent() && !answered) onLost(keepAliveLost(keepAliveTimeoutMillis));
    };
    // A timer that fires late, after a blocked event loop, gives the answer one I/O turn to be read (contract H.1).
    stopTimer = clock.timer(keepAliveTimeoutMillis, () => setImmediate(judge), false);
    if (session.destroyed) return;
    session.ping((error) => {
      if (error !== null || !isCurrent()) return;
      answered = true;
      stopTimer?.();
      schedule();
    });
  }

  return {
    start() {
      if (stopTimer === undefined) schedule();
    },
    stop() {
      run += 1;
      stopTimer?.();
      stopTimer = undefined;
    },
  };
}

function keepAliveLost(millis: number): S2Error {
  return new S2Error({
    message: `The server did not answer a ping within ${millis} ms`,
    code: "CONNECTION_LOST",
  });
}
