/**
 * Code as it was written for releases 0.18 to 0.20, compiled under the strict settings of this repository and run by
 * `older-code.test.ts`. Nothing in here may be changed to make it compile.
 */
import {
  type AccessTokenIdStr,
  type AccessTokenInfo,
  type AccessTokenScope,
  type AccountMetricSet,
  type AccountMetricsArgs,
  type AccumulationMetric,
  type AcksStream,
  type AppendAck,
  type AppendArgs,
  type AppendHeaders,
  type AppendInput,
  AppendRecord,
  type AppendRecordForFormat,
  type AppendRecordType,
  type AppendRetryPolicy,
  type AppendSession,
  type AppendSessionOptions,
  type BasinConfig,
  type BasinInfo,
  type BasinMetricSet,
  type BasinMetricsArgs,
  type BasinNameStr,
  type BasinReconfiguration,
  type BasinScope,
  type BasinState,
  type BatchOutput,
  BatchTransform,
  type BatchTransformArgs,
  type Client,
  type CreateBasinArgs,
  type CreateStreamArgs,
  type CreateStreamRequest,
  type DeleteBasinArgs,
  type DeleteOnEmptyConfig,
  type DeleteOnEmptyReconfiguration,
  type DeleteStreamArgs,
  type FencingToken,
  FencingTokenMismatchError,
  type GaugeMetric,
  type GeneratedAppendRecord,
  type GeneratedReadBatch,
  type GetBasinConfigArgs,
  type GetStreamConfigArgs,
  type Header,
  type InfiniteRetention,
  type IssueAccessTokenArgs,
  type IssueAccessTokenResponse,
  type LabelMetric,
  type ListAccessTokensArgs,
  type ListAccessTokensResponse,
  type ListBasinsArgs,
  type ListBasinsResponse,
  type ListStreamsArgs,
  type ListStreamsResponse,
  type Metric,
  type MetricSetResponse,
  type MetricUnit,
  meteredBytes,
  type Operation,
  type PermittedOperationGroups,
  RangeNotSatisfiableError,
  type ReadArgs,
  type ReadBatch,
  type ReadData,
  type ReadHeaders,
  type ReadRecord,
  type ReadResult,
  type ReadSession,
  type ReadWritePermissions,
  type ReconfigureBasinArgs,
  type ReconfigureStreamArgs,
  type Redacted,
  type ResourceSet,
  type RetentionPolicy,
  type RetryConfig,
  type RevokeAccessTokenArgs,
  S2,
  type S2AccessTokens,
  type S2Basin,
  type S2Basins,
  type S2ClientOptions,
  S2Error,
  type S2Format,
  type S2Metrics,
  type S2RequestOptions,
  type S2Stream,
  type S2Streams,
  type ScalarMetric,
  SeqNumMismatchError,
  type SequencedRecord,
  type SessionTransports,
  type StorageClass,
  type StreamConfig,
  type StreamInfo,
  type StreamMetricSet,
  type StreamMetricsArgs,
  type StreamNameStr,
  type StreamOptions,
  type StreamPosition,
  type StreamReconfiguration,
  type TailResponse,
  type TimeseriesInterval,
  type TimestampingConfig,
  type TimestampingMode,
  type TimestampingReconfiguration,
  type TransportConfig,
  type U64,
  utf8ByteLength,
} from "../src/index.node.js";

/** Every type name that older code imports; a missing one does not compile. */
export type Names = [
  ListBasinsArgs | CreateBasinArgs | GetBasinConfigArgs | DeleteBasinArgs | ReconfigureBasinArgs,
  ListStreamsArgs | CreateStreamArgs | GetStreamConfigArgs | DeleteStreamArgs | ReconfigureStreamArgs,
  ListAccessTokensArgs | IssueAccessTokenArgs | RevokeAccessTokenArgs,
  AccountMetricsArgs | BasinMetricsArgs | StreamMetricsArgs,
  S2ClientOptions | S2RequestOptions | RetryConfig | AppendRetryPolicy | StreamOptions | TransportConfig,
  SessionTransports | Client | Redacted<string> | S2AccessTokens | S2Basins | S2Metrics | S2Streams,
  AcksStream | AppendArgs | AppendHeaders | AppendRecordType | AppendRecordForFormat | AppendSession,
  AppendSessionOptions | ReadArgs | ReadBatch | ReadHeaders | ReadRecord | ReadResult | ReadSession,
  BatchOutput | BatchTransformArgs | AccessTokenIdStr | AccessTokenInfo | AccessTokenScope | AccountMetricSet,
  AccumulationMetric | AppendAck | AppendInput | BasinConfig | BasinInfo | BasinMetricSet | BasinNameStr,
  BasinReconfiguration | BasinScope | BasinState | CreateStreamRequest | DeleteOnEmptyConfig,
  (
    | DeleteOnEmptyReconfiguration
    | FencingToken
    | GaugeMetric
    | GeneratedAppendRecord
    | GeneratedReadBatch
    | Header
  ),
  InfiniteRetention | IssueAccessTokenResponse | LabelMetric | ListAccessTokensResponse | ListBasinsResponse,
  (
    | ListStreamsResponse
    | Metric
    | MetricSetResponse
    | MetricUnit
    | Operation
    | PermittedOperationGroups
    | ReadData
  ),
  (
    | ReadWritePermissions
    | ResourceSet
    | RetentionPolicy
    | S2Format
    | ScalarMetric
    | SequencedRecord
    | StorageClass
  ),
  (
    | StreamConfig
    | StreamInfo
    | StreamMetricSet
    | StreamNameStr
    | StreamPosition
    | StreamReconfiguration
    | TailResponse
  ),
  TimeseriesInterval | TimestampingConfig | TimestampingMode | TimestampingReconfiguration | U64,
];

export const options: S2ClientOptions = {
  accessToken: "token",
  baseUrl: "http://localhost:1/v1",
  makeBasinBaseUrl: (basin: string) => `http://localhost:1/v1?${basin}`.replace(/\?.*/, ""),
  retry: {
    maxAttempts: 3,
    retryBackoffDurationMillis: 100,
    appendRetryPolicy: "all",
    requestTimeoutMillis: 5000,
  },
};

export function client(): S2Stream {
  const s2: S2 = new S2(options);
  const basin: S2Basin = s2.basin("test-basin");
  const forced: StreamOptions = { forceTransport: "fetch" };
  return basin.stream("events", forced);
}

export async function manage(s2: S2): Promise<void> {
  const { basins, has_more } = await s2.basins.list({ prefix: "a", start_after: "b", limit: 10 });
  const more: boolean = has_more;
  for (const { name, scope, state } of basins) console.log(name.length, scope?.length, state, more);
  const created: BasinInfo = await s2.basins.create({
    basin: "new-basin",
    scope: "aws:us-east-1",
    config: { create_stream_on_append: true, default_stream_config: { retention_policy: { infinite: {} } } },
  });
  const config: BasinConfig = await s2.basins.getConfig({ basin: created.name });
  const streams = s2.basin(created.name).streams;
  const info: StreamInfo = await streams.create({
    stream: "s",
    config: { timestamping: { mode: "arrival" } },
  });
  const reconfigured: StreamConfig = await streams.reconfigure({
    stream: info.name,
    retention_policy: { age: 60 },
  });
  const { access_token } = await s2.accessTokens.issue({
    id: "reader",
    scope: { basins: { prefix: "" }, op_groups: { stream: { read: true } }, ops: ["check-tail"] },
    auto_prefix_streams: false,
  });
  const { values } = await s2.metrics.stream({ basin: "b", stream: "s", set: "storage", start: 0, end: 60 });
  for (const metric of values) {
    if ("scalar" in metric) console.log(metric.scalar.name, metric.scalar.value);
    else if ("accumulation" in metric) console.log(metric.accumulation.values.length);
    else if ("gauge" in metric) console.log(metric.gauge.unit);
    else console.log(metric.label.values.join());
  }
  console.log(config, reconfigured, access_token.length, info.created_at.length, info.deleted_at);
  await s2.accessTokens.revoke({ id: "reader" });
}

export function makeRecords(): AppendRecord[] {
  const pairs: AppendHeaders = [["a", "b"]];
  const bytesPairs: AppendHeaders<"bytes"> = [[new Uint8Array([1]), new Uint8Array([2])]];
  const text: AppendRecordForFormat = AppendRecord.make("text", pairs, 5);
  const bytes: AppendRecordForFormat<"bytes"> = AppendRecord.make(new Uint8Array([1, 2, 3]), bytesPairs, 6);
  const plain: AppendRecord = { body: "plain", headers: { foo: "bar" }, timestamp: 7 };
  const typed: AppendRecordType = { body: new Uint8Array([4]) };
  const records: AppendRecord[] = [
    text,
    bytes,
    plain,
    typed,
    AppendRecord.make(),
    AppendRecord.make("Hello, world!", { foo: "bar" }),
    AppendRecord.make(new Uint8Array([1, 2, 3]), { type: "binary" }),
    AppendRecord.command("fence", "token"),
    AppendRecord.command(new TextEncoder().encode("fence"), new Uint8Array([2])),
    AppendRecord.fence("token"),
    AppendRecord.trim(10),
    AppendRecord.trim(10n, 8),
  ];
  const sizes: number[] = records.map((record) => meteredBytes(record));
  return sizes.every((size) => size >= 8) && utf8ByteLength("é") === 2 ? records : [];
}

export async function readAll(stream: S2Stream, requestOptions?: S2RequestOptions): Promise<number> {
  let total = 0;
  const args: ReadArgs<"bytes"> = { seq_num: 0, count: 10, bytes: 100, until: 10, clamp: true, as: "bytes" };
  const bytes: ReadBatch<"bytes"> = await stream.read(args, requestOptions);
  for (const r of bytes.records) total += r.body.length + r.headers.length;
  for (const { headers } of bytes.records)
    for (const [name, value] of headers) total += name.length + value.length;
  const text: ReadBatch<"string"> = await stream.read({ tail_offset: 10 });
  for (const r of text.records)
    total += r.body.length + Object.keys(r.headers).length + (r.headers.foo?.length ?? 0);
  const inferred = await stream.read({ timestamp: 0, as: "bytes" });
  const first: Uint8Array | undefined = inferred.records[0]?.body;
  const tail: StreamPosition | null | undefined = text.tail;
  const { tail: position }: TailResponse = await stream.checkTail();
  return total + (first?.length ?? 0) + (tail?.seq_num ?? 0) + position.seq_num + position.timestamp;
}

export async function follow(stream: S2Stream): Promise<string> {
  const session: ReadSession<"string"> = await stream.readSession({ clamp: true, tail_offset: 10 });
  let all = "";
  for await (const record of session) {
    const { seq_num, timestamp, body, headers }: ReadRecord<"string"> = record;
    const shape: ReadHeaders<"string"> = headers;
    all += `${seq_num} ${timestamp} ${body} ${Object.keys(shape).length}`;
    if (session.nextReadPosition()?.seq_num === session.lastObservedTail()?.seq_num) break;
  }
  await using other = await stream.readSession<"bytes">({ seq_num: 0, as: "bytes", wait: 5 });
  const reader = other.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return all + (value?.body.length ?? 0);
}

export async function appendAll(stream: S2Stream): Promise<number | undefined> {
  const ack: AppendAck = await stream.append(makeRecords(), { fencing_token: "", match_seq_num: 0 });
  const sessionOptions: AppendSessionOptions = { maxInflightBytes: 5 * 1024 * 1024, maxInflightBatches: 5 };
  await using session: AppendSession = await stream.appendSession(sessionOptions, {});
  const submitted: Promise<AppendAck> = session.submit(AppendRecord.make("one"));
  await session.submit([AppendRecord.make("two")], {
    match_seq_num: ack.end.seq_num + 1,
    precalculatedSize: 11,
  });
  const acks: AcksStream = session.acks();
  void (async () => {
    for await (const { start, end, tail } of acks) console.log(start.seq_num, end.seq_num, tail.timestamp);
  })();
  await submitted;
  await session.close();
  const cause: S2Error | undefined = session.failureCause();
  return cause?.status ?? session.lastAckedPosition()?.end.seq_num;
}

export async function pipe(source: ReadableStream<AppendRecord>, stream: S2Stream): Promise<void> {
  const args: BatchTransformArgs = {
    lingerDurationMillis: 5,
    maxBatchRecords: 10,
    maxBatchBytes: 1000,
    match_seq_num: 0,
  };
  const batcher = new BatchTransform(args);
  const transform: TransformStream<AppendRecord, BatchOutput> = batcher;
  const session = await stream.appendSession();
  const writable: WritableStream<AppendArgs> = session.writable;
  const readable: ReadableStream<AppendAck> = session.readable;
  await source.pipeThrough(transform).pipeTo(writable);
  await readable.cancel();
}

export async function copy(from: S2Stream, to: S2Stream): Promise<void> {
  const session = await from.readSession({ seq_num: 0, as: "bytes", wait: 0 });
  const records = session.pipeThrough(
    new TransformStream<ReadRecord<"bytes">, AppendRecord>({
      transform({ body, headers }, controller) {
        controller.enqueue(AppendRecord.make(body, headers));
      },
    }),
  );
  const { writable } = await to.appendSession();
  await records.pipeThrough(new BatchTransform()).pipeTo(writable);
}

export function describe(error: unknown): string {
  if (error instanceof SeqNumMismatchError) return `next is ${error.expectedSeqNum.toFixed()}`;
  if (error instanceof FencingTokenMismatchError) return `fenced by ${error.expectedFencingToken.length}`;
  if (error instanceof RangeNotSatisfiableError) return `beyond the tail, ${error.status}`;
  if (error instanceof S2Error) {
    const { message, code, status, data, origin, name }: S2Error = error;
    return `${name} ${message} ${code ?? ""} ${status.toFixed()} ${String(data)} ${origin === "server"}`;
  }
  return "unknown";
}
