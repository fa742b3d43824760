/**
 * What a page loads when it appends for the first time or opens its first append session. A program that wants it there
 * before calls `import("@s2-dev/streamstore/appending")`; what the module exports is the client's own business. On Node,
 * Bun and Deno it is part of the main entry.
 * @packageDocumentation
 */
export {
  appendRequest,
  createAppendSession,
  decodeAckOf,
  encodeAppendBatch,
  mayRepeatAppend,
  throwOutcomeUnknown,
} from "@s2-dev/streamstore-core/appending";
export { openAppend } from "@s2-dev/streamstore-transport-fetch/appending";
