import type { Transport } from "@s2-dev/streamstore-core/transport";
import { createStreamCompressor } from "./compression.js";
import { createGlobalRuntime } from "./global-runtime.js";
import type { FetchRuntime } from "./runtime.js";
import { checkOptions, type FetchTransportOptions } from "./settings.js";
import { createTransport, type Links } from "./transport.js";

/** What is fixed for one transport whose links are loaded later. */
export type FetchCallsOptions = Pick<FetchTransportOptions, "fetch" | "compression" | "userAgent">;

/** Makes the transport of `./calls`, for a runtime that tells of failures in its way. */
export function makeFetchCalls(
  options: FetchCallsOptions,
  links: Partial<Links>,
  errorFrom: FetchRuntime["errorFrom"],
): Transport {
  checkOptions(options);
  const compressor = createStreamCompressor(options.compression ?? "none");
  return createTransport(createGlobalRuntime(options, errorFrom, compressor), links as Links);
}
