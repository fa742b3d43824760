/**
 * Read sessions, for the packages that assemble them. An entry of its own, which a client in a browser loads with its
 * first session or read. It holds no more than that, since a bundler keeps all of what is imported dynamically.
 * @packageDocumentation
 */
export { createSseReadDecoder, type SseEvent, type SseReadDecoder, type SseReadEvent } from "./codec/sse.js";
export { readFormat, readQuery, readSkips } from "./model/read-args.js";
export { readRequest } from "./rest/record-requests.js";
export { ReadCursor, repetitionError } from "./session/read/cursor.js";
export { openReadSession } from "./session/read/session.js";
export { SILENCE_LIMIT } from "./session/read/watchdog.js";
export { Fifo } from "./util/fifo.js";
