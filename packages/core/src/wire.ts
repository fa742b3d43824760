export { ackFromWire, decodeAppendAck, encodeAppendAck, encodeAppendAckFrame } from "./codec/append-ack.js";
export { errorFromResponse, errorFromTerminalFrame } from "./codec/append-error-body.js";
export {
  type AppendConditions,
  encodeAppendBatch,
} from "./codec/append-input.js";
export { decodeAppendInput } from "./codec/append-input-decode.js";
export { appendInputFromJson } from "./codec/append-input-json.js";
export { decodeBase64, encodeBase64 } from "./codec/base64.js";
export { CodecError, type CodecErrorCode } from "./codec/codec-error.js";
export { errorFromSseEvent } from "./codec/error-body.js";
export {
  createFrameDecoder,
  encodeFrame,
  encodeTerminalFrame,
  FRAME_HEAD_BYTES,
  type Frame,
  type FrameCompression,
  type FrameDecoder,
  type FrameDecoderOptions,
  type FrameFlags,
  type FrameInPieces,
  flagsByte,
  writeFrameHead,
} from "./codec/frame.js";
export { joinPieces } from "./codec/join-pieces.js";
export { isJsonObject, parseJson, positionFromJson, stringifyJson, unsignedFromJson } from "./codec/json.js";
export { type JsonFormat, readBatchFromJson, readBatchToJson } from "./codec/json-records.js";
export { scanReadBatch } from "./codec/json-scan.js";
export { describeJson, type JsonNode, jsonErrorAt, parseJsonTree, valueOfNode } from "./codec/json-tree.js";
export { protocolError, unsafeIntegerError } from "./codec/protocol-error.js";
export { encodeReadBatch, encodeReadBatchFrame } from "./codec/read-batch.js";
export { decodeReadBatch } from "./codec/read-batch-decode.js";
export {
  createSseReadDecoder,
  encodeSseEvent,
  SSE_DONE,
  type SseEvent,
  type SseReadDecoder,
  type SseReadDecoderOptions,
  type SseReadEvent,
} from "./codec/sse.js";
export type {
  U64,
  WireAppendAck,
  WireAppendInput,
  WireAppendRecord,
  WireHeader,
  WirePosition,
  WireReadBatch,
  WireRecord,
} from "./codec/wire-types.js";
export {
  type AppendHeaders,
  AppendRecord,
  type AppendRecordForFormat,
  type AppendRecordHelpers,
  type AppendRecordType,
  type MixedAppendRecord,
} from "./model/append-record.js";
export { type Command, commandOf, isCommandRecord } from "./model/command.js";
export {
  type BasinBaseUrl,
  DEFAULT_BASIN,
  type EndpointEnvironment,
  type EndpointNames,
  type EndpointOptions,
  type Endpoints,
  resolveEndpoints,
  templateOf,
} from "./model/endpoints.js";
export {
  COMPRESSION_THRESHOLD_BYTES,
  HEADER_METERED_OVERHEAD,
  MAX_ACCESS_TOKEN_ID_BYTES,
  MAX_ACCESS_TOKEN_PREFIX_BYTES,
  MAX_BASIN_NAME_BYTES,
  MAX_BASIN_PREFIX_BYTES,
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  MAX_ENCRYPTION_KEY_LENGTH,
  MAX_FENCING_TOKEN_BYTES,
  MAX_FRAME_LENGTH,
  MAX_FRAME_PAYLOAD,
  MAX_LIST_LIMIT,
  MAX_LOCATION_LENGTH,
  MAX_RECORD_BYTES,
  MAX_REQUEST_TOKEN_BYTES,
  MAX_STREAM_NAME_BYTES,
  MAX_STREAM_PREFIX_BYTES,
  MAX_U64,
  MAX_UNARY_BODY,
  MAX_UNARY_WAIT_SECS,
  MIN_BASIN_NAME_BYTES,
  RECORD_METERED_OVERHEAD,
  TRIM_BODY_BYTES,
} from "./model/limits.js";
export {
  checkAccessTokenId,
  checkAccessTokenPrefix,
  checkBasinPrefix,
  checkLocation,
  checkPageLimit,
  checkRequestToken,
  checkStreamPrefix,
} from "./model/managed-names.js";
export { type MeterableRecord, maxBodyBytes, meteredBytes, utf8ByteLength } from "./model/metering.js";
export { checkBasinName, checkFencingToken, checkStreamName } from "./model/names.js";
export { type ReadArgs, readFormat, readQuery, readSkips } from "./model/read-args.js";
export type { ReadQuery } from "./model/records-on-wire.js";
export type {
  BasinInfoOnWire,
  ListBasinsResponseOnWire,
} from "./model/resources.js";
export type { AccessTokenInfoOnWire, ListAccessTokensResponseOnWire } from "./model/tokens.js";
export { assertSuccess } from "./rest/answer.js";
export { decodeAppendResponse } from "./rest/append-response.js";
export { listAll, type Paging } from "./rest/pages.js";
export {
  appendRequest,
  checkTailRequest,
  type RequestTarget,
  readRequest,
  type StreamTarget,
  withProtobuf,
} from "./rest/record-requests.js";
export { decodeTailResponse } from "./rest/tail-response.js";
