/**
 * Reading to the tail, from the tail, and on from a saved position.
 * @packageDocumentation
 */
export { type CollectArgs, collect } from "./collect.js";
export { type AllRecords, type ReadAllArgs, readAll, type SessionSource } from "./read-all.js";
export { type ReadLastArgs, readLast } from "./read-last.js";
