/**
 * S2 over `fetch`: one attempt at anything, on every runtime.
 *
 * @packageDocumentation
 */
import { checkObject, type Transport } from "@s2-dev/streamstore-core/transport";
import { createStreamCompressor } from "./compression.js";
import { createGlobalRuntime } from "./global-runtime.js";
import { linksOf } from "./links.js";
import { errorFromFetch } from "./map-error.js";
import { checkOptions, type FetchTransportOptions } from "./settings.js";
import { sseReads } from "./sse-reads.js";
import { createTransport } from "./transport.js";

export type { Compression } from "./compression.js";
export type { AppendProtocol, ReadProtocol } from "./protocols.js";
export type { FetchLike } from "./runtime.js";
export type { FetchTransportOptions } from "./settings.js";

/**
 * Creates a transport over `fetch`: unary calls, reads as server-sent events, appends one POST at a time.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a bad option, `UNSUPPORTED` for a compression the runtime lacks.
 */
export function createFetchTransport(options: FetchTransportOptions = {}): Transport {
  checkObject(options, "the options of a transport");
  checkOptions(options);
  return createTransport(
    createGlobalRuntime(options, errorFromFetch, createStreamCompressor(options.compression ?? "none")),
    linksOf(options, sseReads),
  );
}
