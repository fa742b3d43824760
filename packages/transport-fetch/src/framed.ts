/**
 * The frames of the s2s protocol over `fetch` and HTTP/1.1: ways to read and to append for server runtimes, given to
 * `createFetchTransport` as values, so that a program that does not use them does not carry them.
 *
 * @packageDocumentation
 */
export { framedReads } from "./framed-reads.js";
export { type PipelinedAppendsOptions, pipelinedAppends } from "./pipelined-appends.js";
export type { AppendProtocol, ReadProtocol } from "./protocols.js";
