/*
 * What the entries have on Node, but for schemas, tables and tools: one file, since a file costs a program that starts
 * about a millisecond (docs/architecture.md). Their types stay apart. Bundlers for elsewhere get the modules themselves,
 * so that what is loaded on demand is a chunk of its own.
 */
export * from "./appending.js";
export * from "./client.js";
export * from "./index.js";
// Two entries have a type of this name.
export type { U64 } from "./model/names.js";
export * from "./reading.js";
export * from "./session.js";
export * from "./transport.js";
export * from "./unary-read.js";
export * from "./wire.js";
