/**
 * The shape of 0.21 to 0.27 over the same engine: `seqNum`, `Date` timestamps, `AppendInput.create`, tickets.
 * @packageDocumentation
 */
export type {
  AccountMetricSet,
  AppendRetryPolicy,
  BasinMetricSet,
  BasinState,
  Client,
  InfiniteRetention,
  Operation,
  PermittedOperationGroups,
  Redacted,
  ResourceSet,
  SessionTransports,
  StorageClass,
  StreamMetricSet,
  TimeseriesInterval,
  TimestampingMode,
  TransportConfig,
} from "@s2-dev/streamstore";
export { MAX_APPEND_BYTES, MAX_APPEND_RECORDS, randomToken, utf8ByteLength } from "@s2-dev/streamstore";
/** Types of the wire, in its own case; nothing at run time. */
export * as API from "./api.js";
export {
  type AcksStream,
  type AppendSession,
  type AppendSessionOptions,
  BatchSubmitTicket,
} from "./append-session.js";
export { type CaughtUpBatch, type CaughtUpBoundary, CaughtUpTracker } from "./caught-up.js";
export { S2, S2Basin } from "./client.js";
export type {
  BasinConfig,
  DeleteOnEmptyConfig,
  EncryptionAlgorithm,
  RetentionPolicy,
  StreamConfig,
  TimestampingConfig,
} from "./configs.js";
export { S2AccessTokens, S2Basins, S2Locations, S2Streams } from "./control.js";
export { type EndpointTemplate, S2Endpoints, type S2EndpointsInit } from "./endpoints.js";
export { S2Environment } from "./environment.js";
export {
  AppendOutcomeUnknownError,
  EncryptionKeyLengthError,
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  type S2ErrorInit,
  SeqNumMismatchError,
} from "./errors.js";
export {
  type AccountMetricsInput,
  type AccumulationMetric,
  type BasinMetricsInput,
  type GaugeMetric,
  type LabelMetric,
  type Metric,
  type MetricSetResponse,
  S2Metrics,
  type ScalarMetric,
  type StreamMetricsInput,
} from "./metrics.js";
export {
  EncryptionKey,
  type EncryptionKeyInput,
  type Http2Settings,
  type RetryConfig,
  type S2ClientOptions,
  type S2Compression,
  type S2RequestOptions,
  type StreamOptions,
} from "./options.js";
export { type Page, type PageFetcher, paginate } from "./paging.js";
export type { AppendAck, StreamPosition, TailResponse } from "./positions.js";
export {
  type BatchOutput,
  BatchTransform,
  type BatchTransformOptions,
  IndexedAppendAck,
  Producer,
  RecordSubmitTicket,
} from "./producer.js";
export type {
  ReadBatch,
  ReadFrom,
  ReadHeaders,
  ReadInput,
  ReadLimits,
  ReadRecord,
  ReadStart,
  ReadStop,
} from "./read-input.js";
export type { ReadSession } from "./read-session.js";
export {
  type AppendHeaders,
  AppendInput,
  type AppendInputHelpers,
  AppendRecord,
  type AppendRecordHelpers,
  type BytesAppendRecord,
  meteredBytes,
  type StringAppendRecord,
} from "./records.js";
export type {
  AccessTokenInfo,
  AccessTokenScope,
  BasinInfo,
  CreateBasinInput,
  CreateBasinResponse,
  CreateStreamInput,
  CreateStreamResponse,
  DeleteBasinInput,
  DeleteStreamInput,
  EnsureBasinInput,
  EnsureBasinResponse,
  EnsureStreamInput,
  EnsureStreamResponse,
  GetBasinConfigInput,
  GetDefaultLocationResponse,
  GetStreamConfigInput,
  IssueAccessTokenInput,
  IssueAccessTokenResponse,
  ListAccessTokensInput,
  ListAccessTokensResponse,
  ListAllAccessTokensInput,
  ListAllArgs,
  ListAllBasinsInput,
  ListAllStreamsInput,
  ListBasinsInput,
  ListBasinsResponse,
  ListLocationsResponse,
  ListStreamsInput,
  ListStreamsResponse,
  LocationInfo,
  LocationName,
  ProvisionResult,
  ReconfigureBasinInput,
  ReconfigureBasinResponse,
  ReconfigureStreamInput,
  ReconfigureStreamResponse,
  RevokeAccessTokenInput,
  SetDefaultLocationInput,
  SetDefaultLocationResponse,
  StreamInfo,
} from "./resources.js";
export { S2Stream } from "./stream.js";
