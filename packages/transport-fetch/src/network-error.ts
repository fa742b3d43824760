import { S2Error } from "@s2-dev/streamstore-core/client";

/**
 * The failure of a `fetch` or of reading its body where nothing more is told of it than that, as in browsers: a refused
 * connection and a lost answer have the same words.
 */
export function errorFromNetwork(thrown: unknown): S2Error {
  if (thrown instanceof S2Error) return thrown;
  const [what, code] = isNetworkError(thrown)
    ? ["The connection broke", "CONNECTION_LOST"]
    : ["fetch failed", "INTERNAL_ERROR"];
  return new S2Error({ message: `${what}: ${thrown}`, code, cause: thrown });
}

/** The response ended before its clean end. */
export function truncatedResponse(): S2Error {
  return new S2Error({ message: "The response ended before the session did", code: "CONNECTION_LOST" });
}

/** What the standard makes of network errors, and of aborts that are a `fetch`'s own. By name: it may be another realm's. */
export function isNetworkError(thrown: unknown): boolean {
  if (typeof DOMException === "function" && thrown instanceof DOMException) return true;
  return typeof thrown === "object" && thrown !== null && (thrown as Error).name === "TypeError";
}
