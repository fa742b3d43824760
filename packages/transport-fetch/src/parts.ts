/**
 * What a reader with a loop of its own is made of, beside core: how requests are sent, failures are told and events are
 * found. For the packages that assemble one.
 * @packageDocumentation
 */
export { createEventLines, type EventLines } from "./event-lines.js";
export { redirected } from "./fetch-call.js";
export { fetchFields, isBrowser } from "./fetch-fields.js";
export { errorFromFetch as errorFromRuntime } from "./map-error.js";
export { truncatedResponse } from "./network-error.js";
export { redactError, redactText } from "./redact.js";
export type { FetchLike } from "./runtime.js";
export { DEFAULT_USER_AGENT } from "./settings.js";
export { batchOf, eventTooLong, MAX_EVENT_CHARACTERS } from "./sse-reads.js";
export { wrongType } from "./wrong-type.js";
