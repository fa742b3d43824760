/** Batches and errors out of server-sent events. */
export { errorFromSseEvent } from "../codec/error-event.js";
export { createSseReadDecoder, type SseEvent, type SseReadDecoder, type SseReadEvent } from "../codec/sse.js";
