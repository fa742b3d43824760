/** The other forms on the wire, and the requests that carry them. */
export { ackFromWire, decodeAppendAck, encodeAppendAck, encodeAppendAckFrame } from "../codec/append-ack.js";
export { errorFromResponse, errorFromTerminalFrame } from "../codec/append-error-body.js";
export { decodeAppendInput } from "../codec/append-input-decode.js";
export { appendInputFromJson } from "../codec/append-input-json.js";
export { CodecError, type CodecErrorCode } from "../codec/codec-error.js";
export { errorFromSseEvent } from "../codec/error-event.js";
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
} from "../codec/frame.js";
export { joinPieces } from "../codec/join-pieces.js";
export { isJsonObject, parseJson, positionFromJson, stringifyJson, unsignedFromJson } from "../codec/json.js";
export { scanReadBatch } from "../codec/json-scan.js";
export { describeJson, type JsonNode, jsonErrorAt, parseJsonTree, valueOfNode } from "../codec/json-tree.js";
export { protocolError, unsafeIntegerError } from "../codec/protocol-error.js";
export { encodeReadBatch, encodeReadBatchFrame } from "../codec/read-batch.js";
export { decodeReadBatch } from "../codec/read-batch-decode.js";
export {
  createSseReadDecoder,
  encodeSseEvent,
  SSE_DONE,
  type SseEvent,
  type SseReadDecoder,
  type SseReadDecoderOptions,
  type SseReadEvent,
} from "../codec/sse.js";
export type {
  U64,
  WireAppendAck,
  WireAppendInput,
  WireAppendRecord,
  WireHeader,
  WirePosition,
  WireReadBatch,
  WireRecord,
} from "../codec/wire-types.js";
export {
  type AppendHeaders,
  AppendRecord,
  type AppendRecordForFormat,
  type AppendRecordHelpers,
  type AppendRecordType,
  type MixedAppendRecord,
} from "../model/append-record.js";
export { type Command, commandOf, isCommandRecord } from "../model/command.js";
export {
  type BasinBaseUrl,
  DEFAULT_BASIN,
  type EndpointEnvironment,
  type EndpointNames,
  type EndpointOptions,
  type Endpoints,
  resolveEndpoints,
  templateOf,
} from "../model/endpoints.js";
export { type MeterableRecord, maxBodyBytes, meteredBytes, utf8ByteLength } from "../model/metering.js";
export { type ReadArgs, readFormat, readQuery, readSkips } from "../model/read-args.js";
export type { ReadQuery } from "../model/records-on-wire.js";
export type {
  BasinInfoOnWire,
  ListBasinsResponseOnWire,
} from "../model/resources.js";
export type { AccessTokenInfoOnWire, ListAccessTokensResponseOnWire } from "../model/tokens.js";
export { assertSuccess } from "../rest/answer.js";
export { decodeAppendResponse } from "../rest/append-response.js";
export { listAll, type Paging } from "../rest/pages.js";
export { readRequest } from "../rest/read-request.js";
export {
  appendRequest,
  checkTailRequest,
  type RequestTarget,
  type StreamTarget,
  withProtobuf,
} from "../rest/record-requests.js";
export { decodeTailResponse } from "../rest/tail-response.js";
