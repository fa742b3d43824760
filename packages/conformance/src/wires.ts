import type { S2Basin, S2Stream, StreamOptions } from "@s2-dev/streamstore";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import { createFetchTransport, type FetchTransportOptions } from "@s2-dev/streamstore-transport-fetch";
import { framedReads, pipelinedAppends } from "@s2-dev/streamstore-transport-fetch/framed";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";
import { isBuiltIn, type SdkWire, type SocketWire } from "./targets.js";

/** A transport of this wire, with nothing set that need not be. */
export function createTransport(wire: SocketWire): Transport {
  if (wire === "s2s") return createS2sTransport();
  return wire === "fetch" ? createFetchTransport() : createFramedTransport();
}

/** Sessions in frames over HTTP/1.1. */
export function createFramedTransport(options: Pick<FetchTransportOptions, "compression"> = {}): Transport {
  return createFetchTransport({ ...options, reads: framedReads(), appends: pipelinedAppends() });
}

/** A handle over the wire's built-in transport, or over the client's own where the wire is no built-in one. */
export function streamOver(
  wire: SdkWire,
  basin: S2Basin,
  stream: string,
  options: StreamOptions = {},
): S2Stream {
  return basin.stream(stream, isBuiltIn(wire) ? { ...options, forceTransport: wire } : options);
}
