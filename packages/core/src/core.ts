/*
 * What the entries `.`, `./transport`, `./wire` and `./session` have at run time: one file, since a file costs a program
 * that starts about a millisecond (docs/architecture.md). Their types stay apart.
 */
export * from "./index.js";
// Two entries have a type of this name.
export type { U64 } from "./model/names.js";
export * from "./session.js";
export * from "./transport/index.js";
export * from "./wire.js";
