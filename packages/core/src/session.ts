/**
 * Sessions and calls over any transport, for the packages that assemble them.
 * @packageDocumentation
 */
export { mayRepeatAppend } from "./retry/may-repeat.js";
export {
  type AppendRetryPolicy,
  type RetryConfig,
  type RetrySettings,
  resolveRetrySettings,
} from "./retry/settings.js";
export type { ConflictFound, PositionChain, StreamReader } from "./session/append/exactly-once.js";
export { type AppendSessionSpec, createAppendSession } from "./session/append/session.js";
export type {
  AcksStream,
  AppendArgs,
  AppendSession,
  AppendSessionOptions,
  AppendTicket,
  ExactlyOnceOptions,
  SubmitArgs,
} from "./session/append/types.js";
export { type CallSpec, call } from "./session/call.js";
export { type Credentials, type SessionContext, staticCredentials, withRetry } from "./session/context.js";
export type { ObservedSession, Observer } from "./session/observer.js";
export { BatchTransform } from "./session/produce/batch-transform.js";
export {
  Batcher,
  type BatchOutput,
  type BatchSettings,
  type BatchTransformArgs,
  resolveBatchSettings,
} from "./session/produce/batcher.js";
export type { ReadRange } from "./session/read/cursor.js";
export { openReadSession, type ReadSessionSpec } from "./session/read/session.js";
export type { ReadSession } from "./session/read/types.js";
export { type Clock, createSystemClock } from "./util/clock.js";
