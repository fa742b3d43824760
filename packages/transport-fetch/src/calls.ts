/**
 * S2 over the runtime's own `fetch`, for programs that load what carries sessions when they open one: the transport
 * without its links. For the facade.
 *
 * @packageDocumentation
 */
import type { Transport } from "@s2-dev/streamstore-core/transport";
import { type FetchCallsOptions, makeFetchCalls } from "./make-calls.js";
import { errorFromFetch } from "./map-error.js";
import type { Links } from "./transport.js";

export type { FetchCallsOptions } from "./make-calls.js";
export type { FetchLike } from "./runtime.js";
export type { Links } from "./transport.js";

/**
 * Creates a transport for unary calls, and for sessions as soon as `links` has what carries them: `./reading` and
 * `./appending` export it.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a bad option, `UNSUPPORTED` for a compression the runtime lacks.
 */
export function createFetchCalls(options: FetchCallsOptions, links: Partial<Links>): Transport {
  return makeFetchCalls(options, links, errorFromFetch);
}
