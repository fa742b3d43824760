export {
  AppendOutcomeUnknownError,
  FencingTokenMismatchError,
  SeqNumMismatchError,
} from "./error/append-errors.js";
export {
  type CodeFacts,
  type ErrorCode,
  factsOfCode,
  type KnownCode,
  type SideEffect,
} from "./error/codes.js";
export { abortedError, invalidArgument, s2ErrorFromUnknown, sessionClosedError } from "./error/make.js";
export {
  amendError,
  isS2Error,
  RangeNotSatisfiableError,
  S2Error,
  type S2ErrorInit,
} from "./error/s2-error.js";
export {
  type AppendHeaders,
  AppendRecord,
  type AppendRecordForFormat,
  type AppendRecordHelpers,
  type AppendRecordType,
  type MixedAppendRecord,
} from "./model/append-record.js";
export { type Command, commandOf, isCommandRecord } from "./model/command.js";
export type {
  BasinConfig,
  BasinReconfiguration,
  DeleteOnEmptyConfig,
  DeleteOnEmptyReconfiguration,
  EncryptionAlgorithm,
  InfiniteRetention,
  RetentionPolicy,
  StorageClass,
  StreamConfig,
  StreamReconfiguration,
  TimestampingConfig,
  TimestampingMode,
  TimestampingReconfiguration,
} from "./model/configs.js";
export type { EndpointEnvironment, EndpointNames, EndpointOptions } from "./model/endpoints.js";
export {
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  MAX_FENCING_TOKEN_BYTES,
  MAX_RECORD_BYTES,
} from "./model/limits.js";
export type {
  GetDefaultLocationArgs,
  ListLocationsArgs,
  LocationInfo,
  SetDefaultLocationArgs,
} from "./model/locations.js";
export { type MeterableRecord, maxBodyBytes, meteredBytes, utf8ByteLength } from "./model/metering.js";
export type {
  AccountMetricSet,
  AccountMetricsArgs,
  AccumulationMetric,
  BasinMetricSet,
  BasinMetricsArgs,
  GaugeMetric,
  LabelMetric,
  Metric,
  MetricPoint,
  MetricRange,
  MetricSetResponse,
  MetricUnit,
  ScalarMetric,
  StreamMetricSet,
  StreamMetricsArgs,
  TimeseriesInterval,
} from "./model/metrics.js";
export type { AccessTokenIdStr, BasinNameStr, FencingToken, StreamNameStr, U64 } from "./model/names.js";
export type { AppendAck, StreamPosition } from "./model/position.js";
export type { ReadArgs } from "./model/read-args.js";
export type {
  AppendHeader,
  AppendHeadersInput,
  AppendRecordInput,
  BytesHeaderList,
  BytesReadRecord,
  ReadBatch,
  ReadFormat,
  ReadHeaders,
  ReadRecord,
  RecordFormat,
  StringHeaderList,
  StringHeaders,
  StringReadRecord,
  UnsafeTimestamps,
} from "./model/record.js";
export type {
  AppendConditionFailed,
  AppendInput,
  CheckTailArgs,
  ErrorInfo,
  GeneratedAppendRecord,
  GeneratedReadBatch,
  Header,
  PingEventData,
  ReadData,
  ReadQuery,
  S2Format,
  SequencedRecord,
  TailResponse,
} from "./model/records-on-wire.js";
export type {
  BasinInfo,
  BasinScope,
  BasinState,
  CreateBasinArgs,
  CreateBasinRequest,
  CreateStreamArgs,
  CreateStreamRequest,
  DeleteBasinArgs,
  DeleteStreamArgs,
  EnsureBasinArgs,
  EnsureBasinRequest,
  EnsureBasinResult,
  EnsureStreamArgs,
  EnsureStreamResult,
  GetBasinConfigArgs,
  GetStreamConfigArgs,
  ListArgs,
  ListBasinsArgs,
  ListBasinsResponse,
  ListStreamsArgs,
  ListStreamsResponse,
  ProvisionResult,
  ReconfigureBasinArgs,
  ReconfigureStreamArgs,
  StreamInfo,
} from "./model/resources.js";
export type {
  AccessTokenInfo,
  AccessTokenScope,
  IssueAccessTokenArgs,
  IssueAccessTokenResponse,
  ListAccessTokensArgs,
  ListAccessTokensResponse,
  Operation,
  PermittedOperationGroups,
  ReadWritePermissions,
  ResourceSet,
  RevokeAccessTokenArgs,
} from "./model/tokens.js";
export { createObserver } from "./observe/create-observer.js";
export {
  type Activity,
  EVENT_NAMES,
  type EventMap,
  type EventName,
  type Hooks,
  type SessionTotals,
} from "./observe/hooks.js";
export { type LogFields, type Logger, logEvents } from "./observe/log-events.js";
export { type ItemPage, paginate } from "./rest/pages.js";
export type { AppendRetryPolicy, RetryConfig } from "./retry/settings.js";
export type { ConflictFound } from "./session/append/exactly-once.js";
export type {
  AcksStream,
  AppendArgs,
  AppendSession,
  AppendSessionOptions,
  AppendTicket,
  ExactlyOnceOptions,
  SubmitArgs,
} from "./session/append/types.js";
export type { DisposableIterator } from "./session/iterate.js";
export type { ObservedSession, Observer } from "./session/observer.js";
export { BatchTransform } from "./session/produce/batch-transform.js";
export type { BatchOutput, BatchTransformArgs } from "./session/produce/batcher.js";
export type { RecordAck, RecordTicket } from "./session/produce/produced-batch.js";
export { Producer, type ProducerSession } from "./session/produce/producer.js";
export {
  type CaughtUpBoundary,
  CaughtUpTracker,
  type ObservedBatch,
} from "./session/read/caught-up.js";
export type { BatchesOptions, ReadSession } from "./session/read/types.js";
export type { RecordedStream } from "./session/recorder.js";
export type { ConnectionEventMap, ConnectionHooks, ConnectionInfo } from "./transport/connection-hooks.js";
