import { invalidArgument, type S2Error } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";

/**
 * Where the reader that a request comes from is, as it says by itself.
 * Throws `INVALID_ARGUMENT` for a request that is none of web standards, as handlers of `node:http` and Express get.
 */
export function lastEventIdOf(request: Request): string | null {
  if (typeof request?.headers?.get === "function") return request.headers.get("last-event-id");
  throw invalidArgument(`request must be a Request of web standards; got ${show(request)}`);
}

/** Options that may be told of failures. */
export interface ErrorOptions {
  readonly onError?: ((error: S2Error) => void) | undefined;
}

/**
 * Tells the `onError` of options, as a method of theirs. What it throws is dropped: it must keep nothing from its end.
 * Throws `INVALID_ARGUMENT` unless it is a function.
 */
export function errorListener(options: ErrorOptions): (error: S2Error) => void {
  const { onError } = options;
  if (onError !== undefined && typeof onError !== "function") {
    throw invalidArgument(`onError must be a function; got ${show(onError)}`);
  }
  return (error) => {
    try {
      options.onError?.(error);
    } catch {
      // Its own failure is nobody else's.
    }
  };
}
