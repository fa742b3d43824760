/**
 * Read sessions, for the packages that assemble them. An entry of its own, which a client in a browser loads with its
 * first session or read. It holds no more than that, since a bundler keeps all of what is imported dynamically.
 * @packageDocumentation
 */
export * from "./exports/event-decoders.js";
export * from "./exports/queues.js";
export * from "./exports/read-cursors.js";
export * from "./exports/read-sessions.js";
