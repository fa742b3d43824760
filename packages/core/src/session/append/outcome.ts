import { AppendOutcomeUnknownError } from "../../error/append-errors.js";
import { amendError, S2Error } from "../../error/s2-error.js";

/**
 * What ended the session, as it concerns one batch (or all of them): what never left says so, and what may have landed
 * on an earlier attempt does not pass off the answer to the last one as its own.
 */
export function withOutcome(cause: S2Error, mayHaveLanded: boolean): S2Error {
  if (!mayHaveLanded) return cause.sideEffect === "none" ? cause : amendError(cause, { sideEffect: "none" });
  return cause.sideEffect === "possible" ? cause : outcomeUnknown(cause);
}

/**
 * Throws what a call is told whose earlier attempt may have landed, after what ended its last one. An abort says so by
 * itself.
 */
export function throwOutcomeUnknown(cause: S2Error): never {
  throw cause.code === "ABORTED" ? cause : outcomeUnknown(cause);
}

function outcomeUnknown(cause: S2Error): AppendOutcomeUnknownError {
  return new AppendOutcomeUnknownError({
    message: `An earlier attempt may have landed; the last one failed: ${cause.message}`,
    status: cause.status,
    cause,
    attempts: cause.attempts,
  });
}

export function linkEndedEarlyError(): S2Error {
  return new S2Error({
    message: "The server ended the append session with batches unacknowledged",
    code: "CONNECTION_LOST",
  });
}

export function ackTimeoutError(timeout: number): S2Error {
  return new S2Error({
    message: `A batch was not acknowledged within ${timeout} ms`,
    code: "REQUEST_TIMEOUT",
  });
}
