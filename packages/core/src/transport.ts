/*
 * What a transport implements, and what it may use of core. Nothing but `export *`, as in `index.ts`.
 */
export * from "./exports/connections.js";
export * from "./exports/helpers.js";
export * from "./exports/letters.js";
export * from "./exports/queues.js";
export type * from "./transport/index.js";
