/**
 * The TypeScript SDK for S2, for browsers, workers and every runtime without `node:http2`.
 * @packageDocumentation
 */

// Nothing but `export *`, by what it is for: whatever stands here itself, or only in a list, esbuild loads at first with
// all that it leads to.
export * from "./exports/append-errors.js";
export * from "./exports/calling.js";
export * from "./exports/client.js";
export * from "./exports/configuring.js";
export * from "./exports/following.js";
export * from "./exports/limits.js";
export * from "./exports/managing.js";
export * from "./exports/observing.js";
export * from "./exports/producing.js";
export * from "./exports/records.js";
export type * from "./exports.js";
