/**
 * Tools to test a transport or a session without a network and without waiting.
 * @packageDocumentation
 */

export { collect } from "./collect.js";
export { type CountingAbortController, createCountingAbortController } from "./counting-signal.js";
export { createFakeClock, type FakeClock, type PendingTimer } from "./fake-clock.js";
export { flushMicrotasks } from "./flush-microtasks.js";
export type { ModelAppendHooks, ModelAppendLink } from "./model-append-link.js";
export { createModelLog, type ModelLog, type ModelRecord } from "./model-log.js";
export type { ModelReadLink, ModelReadQuery } from "./model-read-link.js";
export { createModelServer, type ModelServer } from "./model-server.js";
export { type Observed, observe } from "./observe.js";
export { appendAck, type ScriptedAppendLink } from "./scripted-append-link.js";
export { readRecords, type ScriptedReadLink } from "./scripted-read-link.js";
export {
  createScriptedTransport,
  type ScriptedExchange,
  type ScriptedTransport,
} from "./scripted-transport.js";
export { createTestContext, type TestContextOptions } from "./test-context.js";
