/**
 * A stream as server-sent events, for any server that speaks `Request` and `Response`.
 * @packageDocumentation
 */

export type { EventStreamOptions } from "./event-stream-options.js";
export { type EventSourceStream, eventStreamResponse } from "./event-stream-response.js";
export { recordToJson, type StreamEvent } from "./event-text.js";
