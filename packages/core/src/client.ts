/**
 * What a client needs before it opens a session, for the packages that assemble it. An entry of its own, beside the
 * wider `./wire` and `./session`: bundlers that split put all that a loaded entry exports with what is loaded first.
 * @packageDocumentation
 */
export type { AppendConditions } from "./codec/append-input.js";
export { errorFromAnswer } from "./codec/error-body.js";
export { FRAME_HEAD_BYTES } from "./codec/frame-head.js";
export { joinPieces } from "./codec/join-pieces.js";
export { abortedError, invalidArgument, s2ErrorFromUnknown, sessionClosedError, show } from "./error/make.js";
export { amendError, isS2Error, S2Error } from "./error/s2-error.js";
export { checkMillis, checkObject } from "./model/checks.js";
export {
  DEFAULT_BASIN,
  type EndpointNames,
  type Endpoints,
  resolveEndpoints,
  templateOf,
} from "./model/endpoints.js";
export {
  COMPRESSION_THRESHOLD_BYTES,
  MAX_ENCRYPTION_KEY_LENGTH,
  MAX_FENCING_TOKEN_BYTES,
  MAX_UNARY_WAIT_SECS,
} from "./model/limits.js";
export { checkBasinName, checkStreamName } from "./model/names.js";
export { lettersOf } from "./model/shapes.js";
export { checkTailRequest, type StreamTarget, withProtobuf } from "./rest/record-requests.js";
export { decodeTailResponse } from "./rest/tail-response.js";
export { type RetrySettings, resolveRetrySettings } from "./retry/settings.js";
export type { PositionChain } from "./session/append/exactly-once.js";
export type { AppendSession, AppendSessionOptions } from "./session/append/types.js";
export { type CallSpec, call } from "./session/call.js";
export { type Credentials, type SessionContext, staticCredentials, withRetry } from "./session/context.js";
export type { ReadSession } from "./session/read/types.js";
export { createSystemClock } from "./util/clock.js";
export { createDeferred, type Deferred, ignoreRejection } from "./util/deferred.js";
export { onAbort } from "./util/signal.js";
