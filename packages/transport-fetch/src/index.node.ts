/**
 * S2 over `fetch`, on Node.js: `node:http` with sockets that do not keep the process alive.
 *
 * @packageDocumentation
 */
import { checkObject, invalidArgument, show, type Transport } from "@s2-dev/streamstore-core/transport";
import { sseByteReads } from "./event-bytes.js";
import { linksOf } from "./links.js";
import { createNodeRuntime } from "./node-runtime.js";
import { checkOptions, type FetchTransportOptions } from "./settings.js";
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
  if (options.agent !== undefined && typeof options.agent !== "object") {
    throw invalidArgument(`agent must be an http.Agent, not ${show(options.agent)}`);
  }
  return createTransport(createNodeRuntime(options), linksOf(options, sseByteReads));
}
