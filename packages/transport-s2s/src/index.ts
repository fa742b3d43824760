/**
 * S2 over HTTP/2: the framed s2s protocol on pooled connections.
 *
 * @packageDocumentation
 */
export type { Compression } from "./compression.js";
export type { S2sTransportOptions } from "./settings.js";
export { createS2sTransport } from "./transport.js";
