/**
 * Append sessions and appends, for the packages that assemble them. An entry of its own, which a client in a browser
 * loads with the first of either. It holds no more than that, since a bundler keeps all of what is imported dynamically.
 * @packageDocumentation
 */
export { decodeAppendAck } from "./codec/append-ack.js";
export { errorFromResponse } from "./codec/append-error-body.js";
export { encodeAppendBatch } from "./codec/append-input.js";
export { decodeAckOf } from "./rest/append-response.js";
export { appendRequest } from "./rest/record-requests.js";
export { mayRepeatAppend } from "./retry/may-repeat.js";
export { throwOutcomeUnknown } from "./session/append/outcome.js";
export { createAppendSession } from "./session/append/session.js";
