import { S2Error } from "../error/s2-error.js";

/** The peer broke the protocol; what it answers cannot be used. */
export function protocolError(message: string, cause?: unknown): S2Error {
  return new S2Error({ message, code: "PROTOCOL_ERROR", cause });
}

/** A 64-bit integer that a number cannot hold, named exactly. */
export function unsafeIntegerError(what: string, value: bigint | string): S2Error {
  return new S2Error({
    message: `${what} is ${value}, which is beyond 2^53-1 and cannot be a number`,
    code: "UNSAFE_INTEGER",
  });
}
