/**
 * S2 over the runtime's own `fetch`, for programs that only read: the transport without the half that appends.
 *
 * @packageDocumentation
 */
import type { Transport } from "@s2-dev/streamstore-core/transport";
import { type FetchReaderOptions, makeFetchReader } from "./make-reader.js";
import { errorFromFetch } from "./map-error.js";

export type { FetchReaderOptions } from "./make-reader.js";
export type { FetchLike } from "./runtime.js";

/**
 * Creates a transport for unary calls and reads as server-sent events. Append links end with `UNSUPPORTED` at once.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a bad option.
 */
export function createFetchReader(options: FetchReaderOptions = {}): Transport {
  return makeFetchReader(options, errorFromFetch);
}
