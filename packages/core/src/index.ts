/*
 * What everybody may use, by what it is for (`exports/`): whoever imports an error gets no code of producers. Bundlers go
 * through `export *` without a file's other exports; of a list they would load all that it names and anybody uses.
 */

export type { CodeFacts, ErrorCode, KnownCode, SideEffect } from "./error/codes.js";
export type { S2ErrorInit } from "./error/s2-error.js";
export * from "./exports/append-errors.js";
export * from "./exports/base.js";
export * from "./exports/following.js";
export * from "./exports/managing.js";
export * from "./exports/observing.js";
export * from "./exports/producing.js";
export * from "./exports/records.js";
export type {
  AppendHeaders,
  AppendRecordForFormat,
  AppendRecordHelpers,
  AppendRecordType,
  MixedAppendRecord,
} from "./model/append-record.js";
export type { Command } from "./model/command.js";
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
export type {
  GetDefaultLocationArgs,
  ListLocationsArgs,
  LocationInfo,
  SetDefaultLocationArgs,
} from "./model/locations.js";
export type { MeterableRecord } from "./model/metering.js";
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
export type { Activity, EventMap, EventName, Hooks, SessionTotals } from "./observe/hooks.js";
export type { LogFields, Logger } from "./observe/log-events.js";
export type { ItemPage } from "./rest/pages.js";
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
export type { BatchOutput, BatchTransformArgs } from "./session/produce/batcher.js";
export type { RecordAck, RecordTicket } from "./session/produce/produced-batch.js";
export type { ProducerSession } from "./session/produce/producer.js";
export type { CaughtUpBoundary, ObservedBatch } from "./session/read/caught-up.js";
export type { BatchesOptions, ReadSession } from "./session/read/types.js";
export type { RecordedStream } from "./session/recorder.js";
export type { ConnectionEventMap, ConnectionHooks, ConnectionInfo } from "./transport/connection-hooks.js";
