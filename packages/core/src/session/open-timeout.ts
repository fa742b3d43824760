import { S2Error } from "../error/s2-error.js";

/** What a link fails with whose headers do not come in time: nothing was sent on it, so nothing can have landed. */
export function openTimeoutError(session: "append" | "read", timeout: number): S2Error {
  return new S2Error({
    message: `The ${session} session was not opened within ${timeout} ms`,
    code: "REQUEST_TIMEOUT",
    sideEffect: "none",
  });
}
