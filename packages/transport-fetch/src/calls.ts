/**
 * S2 over the runtime's own `fetch`, for programs that load what carries sessions when they open one: the transport
 * without its links. For the facade.
 *
 * @packageDocumentation
 */
import type { Transport } from "@s2-dev/streamstore-core/transport";
import { createStreamCompressor } from "./compression.js";
import { createGlobalRuntime } from "./global-runtime.js";
import { checkOptions, type FetchTransportOptions } from "./settings.js";
import { createTransport, type Links } from "./transport.js";

export type { FetchLike } from "./runtime.js";
export type { Links } from "./transport.js";

/** What is fixed for one transport whose links are loaded later. */
export type FetchCallsOptions = Pick<FetchTransportOptions, "fetch" | "compression" | "userAgent">;

/**
 * Creates a transport for unary calls, and for sessions as soon as `links` has what carries them: `./reading` and
 * `./appending` export it.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a bad option, `UNSUPPORTED` for a compression the runtime lacks.
 */
export function createFetchCalls(options: FetchCallsOptions, links: Partial<Links>): Transport {
  checkOptions(options);
  const compressor = createStreamCompressor(options.compression ?? "none");
  return createTransport(createGlobalRuntime(options, compressor), links as Links);
}
