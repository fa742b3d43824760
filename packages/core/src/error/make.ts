import type { ErrorCode } from "./codes.js";
import { S2Error } from "./s2-error.js";

/** A bad argument or option: names the field, the value and the limit; nothing was sent. */
export function invalidArgument(message: string): S2Error {
  return new S2Error({ message, code: "INVALID_ARGUMENT" });
}

/** The caller aborted. `sideEffect` says whether anything can have left before. */
export function abortedError(reason: unknown, sideEffect: "none" | "possible" = "none"): S2Error {
  return new S2Error({ message: "The operation was aborted.", code: "ABORTED", cause: reason, sideEffect });
}

/** What was called is closed; nothing was sent. */
export function sessionClosedError(what: string): S2Error {
  return new S2Error({ message: `${what} is closed`, code: "SESSION_CLOSED" });
}

/** Whatever was thrown, as an `S2Error` whose `cause` it is; an `S2Error` stays itself. */
export function s2ErrorFromUnknown(
  thrown: unknown,
  context = "Unexpected failure",
  code: ErrorCode = "INTERNAL_ERROR",
): S2Error {
  if (thrown instanceof S2Error) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new S2Error({ message: `${context}: ${detail}`, code, cause: thrown });
}

/** How a value looks in an error message: short, and never a token. */
export function show(value: unknown): string {
  if (typeof value === "string") return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  return String(value);
}
