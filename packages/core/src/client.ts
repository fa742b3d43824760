/**
 * What a client needs before it opens a session, for the packages that assemble it. An entry of its own, beside the
 * wider `./wire` and `./session`: bundlers that split put all that a loaded entry exports with what is loaded first.
 * @packageDocumentation
 */
export type { AppendConditions } from "./codec/append-input.js";
export { errorFromAnswer, errorFromText } from "./codec/error-body.js";
export { joinPieces } from "./codec/join-pieces.js";
export { parseJson, parseJsonExactly, positionFromJson, unsignedFromJson } from "./codec/json.js";
export { protocolError } from "./codec/protocol-error.js";
export { abortedError, invalidArgument, s2ErrorFromUnknown, sessionClosedError, show } from "./error/make.js";
export { amendError, isS2Error, RangeNotSatisfiableError, S2Error } from "./error/s2-error.js";
export { isBytes } from "./model/bytes.js";
export { checkMillis, checkObject, refused } from "./model/checks.js";
export {
  DEFAULT_BASIN,
  type EndpointNames,
  type Endpoints,
  resolveEndpoints,
  templateOf,
} from "./model/endpoints.js";
export {
  COMPRESSION_THRESHOLD_BYTES,
  FRAME_HEAD_BYTES,
  MAX_ENCRYPTION_KEY_LENGTH,
  MAX_FENCING_TOKEN_BYTES,
  MAX_UNARY_WAIT_SECS,
} from "./model/limits.js";
export { checkBasinName, checkStreamName } from "./model/names.js";
export { checkTailRequest, type StreamTarget, withProtobuf } from "./rest/record-requests.js";
export { decodeTailResponse, tailResponse } from "./rest/tail-response.js";
export { RetryBudget } from "./retry/budget.js";
export { type RetrySettings, resolveRetrySettings } from "./retry/settings.js";
export type { PositionChain } from "./session/append/exactly-once.js";
export type { AppendSession, AppendSessionOptions } from "./session/append/types.js";
export { type CallSpec, call } from "./session/call.js";
export {
  type Credentials,
  refusesToken,
  type SessionContext,
  staticCredentials,
  withRetry,
} from "./session/context.js";
export type { DisposableIterator } from "./session/iterate.js";
export type { ReadSession } from "./session/read/types.js";
export { type Clock, createSystemClock } from "./util/clock.js";
export { createDeferred, type Deferred, ignoreRejection } from "./util/deferred.js";
export { onAbort } from "./util/signal.js";
