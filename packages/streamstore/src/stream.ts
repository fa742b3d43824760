import type {
  AppendAck,
  AppendRecordInput,
  ReadArgs,
  ReadBatch,
  RecordFormat,
  StreamConfig,
  TailResponse,
} from "@s2-dev/streamstore-core";
import {
  type AppendSession,
  type AppendSessionOptions,
  checkObject,
  checkStreamName,
  checkTailRequest,
  decodeTailResponse,
  FRAME_HEAD_BYTES,
  invalidArgument,
  MAX_UNARY_WAIT_SECS,
  type PositionChain,
  type ReadSession,
  type StreamTarget,
  withProtobuf,
  withRetry,
} from "@s2-dev/streamstore-core/client";
import { type BasinPlace, beforeSending, type ClientCore } from "./client-core.js";
import type { EncryptionKey } from "./encryption-key.js";
import {
  type AppendOptions,
  type ReadSessionOptions,
  type S2RequestOptions,
  type StreamOptions,
  signalOf,
} from "./options.js";
import { type Reading, withPart } from "./parts.js";
import { reveal } from "./secrets.js";
import { SessionScope } from "./session-scope.js";

/** A handle of one stream. */
export class S2Stream implements AsyncDisposable {
  /** Name of the basin that the stream is in. */
  readonly basin: string;
  /** Its name. */
  readonly name: string;
  readonly #core: ClientCore;
  readonly #basin: BasinPlace;
  readonly #place: BasinPlace;
  /** Sent with every append and read. */
  readonly #headers: Readonly<Record<string, string>>;

  /** @internal Made by `S2Basin`. */
  constructor(core: ClientCore, basin: BasinPlace, name: string, options: StreamOptions = {}) {
    checkStreamName(name);
    checkObject(options, "the options of a stream");
    core.checkNames(options, "stream");
    const { forceTransport, encryptionKey } = options;
    this.basin = basin.basin;
    this.name = name;
    this.#core = core;
    this.#basin = basin;
    this.#headers =
      encryptionKey === undefined
        ? core.headers
        : { ...core.headers, "s2-encryption-key": encryptionKeyOf(encryptionKey) };
    const scope = new SessionScope("The stream", basin.scope);
    this.#place = { scope, endpoints: basin.endpoints, basin: basin.basin, forceTransport };
    // A transport that cannot be had is refused here, not at the first use.
    if (forceTransport !== undefined) core.context(forceTransport);
  }

  /** Another handle of the stream, whose appends and reads carry this key. Closing either leaves the other open. */
  withEncryptionKey(encryptionKey: EncryptionKey): S2Stream {
    const { forceTransport } = this.#place;
    return new S2Stream(this.#core, this.#basin, this.name, { forceTransport, encryptionKey });
  }

  /** The stream's tail: the sequence number of the next record, and the timestamp of the last. */
  checkTail(options?: S2RequestOptions): Promise<TailResponse> {
    return this.#core.run(this.#place, options, () => ({
      request: checkTailRequest({ ...this.#target(), headers: this.#core.headers }),
      decode: decodeTailResponse,
    }));
  }

  /**
   * Reads one batch: at most 1000 records and 1 MiB. At the tail without `wait` it rejects with
   * `RangeNotSatisfiableError`. Loop with `readSession` to read more.
   */
  read<F extends RecordFormat = "string">(
    args?: ReadArgs<F>,
    options?: S2RequestOptions,
  ): Promise<ReadBatch<F>> {
    return this.#core.run(this.#place, options, () => {
      this.#core.checkNames(args, "read");
      return withPart(this.#core.parts.unaryRead(), (part) => {
        const { query, format, skips, streamConfig } = checkedRead<F>(part, args);
        return this.#withTarget(streamConfig, (target) => ({
          request: withProtobuf(part.readRequest(target, query)),
          decode: (response) => {
            const batch = part.decodeReadResponse(response, format);
            return skips === undefined
              ? batch
              : { ...batch, records: batch.records.filter((record) => !skips(record)) };
          },
          extraMillis: Math.min(query.wait ?? 0, MAX_UNARY_WAIT_SECS) * 1000,
        }));
      });
    });
  }

  /**
   * Appends one batch, all or nothing. Under the retry policy `"all"` a lost acknowledgement can make it land twice;
   * `match_seq_num` prevents that. Rejects with `SeqNumMismatchError` or `FencingTokenMismatchError` when a condition
   * does not hold, and with `AppendOutcomeUnknownError` when that may be due to an earlier attempt of its own.
   */
  append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: AppendOptions,
    options?: S2RequestOptions,
  ): Promise<AppendAck> {
    return this.#core.run(this.#place, options, () => {
      this.#core.checkNames(args, "append");
      const appending = this.#core.parts.appending();
      // The caller may use its memory again once this call has returned.
      const given = appending instanceof Promise ? copyOf(records) : records;
      return withPart(appending, (part) => {
        const batch = part.encodeAppendBatch(listOf(given), args);
        const { appendRetryPolicy } = this.#core.retry;
        return this.#withTarget(args?.streamConfig, (target) => ({
          request: withProtobuf(part.appendRequest(target), batch.frame.subarray(FRAME_HEAD_BYTES)),
          decode: (response) => part.decodeAckOf(response, batch.recordCount),
          repeatable: (error) =>
            part.mayRepeatAppend(appendRetryPolicy, batch, error.sideEffect === "possible"),
          settleUncertain: part.throwOutcomeUnknown,
        }));
      });
    });
  }

  /**
   * Reads from a position on and follows the stream live. Resolves when the session is open, for a start relative to
   * the tail or to a time when its position is fixed; a stream that does not exist or a start beyond the tail rejects.
   */
  async readSession<F extends RecordFormat = "string">(
    args?: ReadArgs<F>,
    options?: ReadSessionOptions,
  ): Promise<ReadSession<F>> {
    this.#place.scope.checkOpen();
    this.#core.checkNames(args, "read");
    this.#core.checkNames(options, "readSession");
    const signal = signalOf(options);
    const part = beforeSending(() => this.#core.parts.reading());
    return withPart(part, async (part) => {
      const { query, format, skips, streamConfig } = beforeSending(() => checkedRead<F>(part, args));
      this.#place.scope.checkOpen();
      const target = streamConfig === undefined ? this.#target() : await this.#targetWith(streamConfig);
      return part.openReadSession<F>(this.#core.context(this.#place.forceTransport), {
        range: query,
        format,
        skips,
        request: (range) => part.readRequest(target, range),
        signal,
        retry: options?.retry,
        track: (close) => this.#place.scope.add(close),
      });
    });
  }

  /** Starts a pipelined append session. Touches no network: the first batch finds out what is wrong. */
  async appendSession(
    sessionOptions?: AppendSessionOptions,
    options?: Pick<S2RequestOptions, "signal">,
  ): Promise<AppendSession> {
    this.#place.scope.checkOpen();
    const signal = signalOf(options);
    this.#core.checkNames(sessionOptions, "appendSession");
    this.#core.checkNames(options, "openAppend");
    if (sessionOptions !== undefined) checkObject(sessionOptions, "the options of an append session");
    const { streamConfig, exactlyOnce = false, retry } = sessionOptions ?? {};
    const context = withRetry(this.#core.context(this.#place.forceTransport), retry);
    const part = beforeSending(() => this.#core.parts.appending());
    return withPart(part, async (part) => {
      this.#place.scope.checkOpen();
      const target = streamConfig === undefined ? this.#target() : await this.#targetWith(streamConfig);
      let chain: PositionChain | undefined;
      if (exactlyOnce !== false) {
        const mode = await this.#core.parts.exactlyOnce();
        this.#place.scope.checkOpen();
        const mark = mode.createMarker(exactlyOnce, context.random);
        chain = new mode.PositionChain(mode.createStreamReader(context, target), mark);
      }
      return part.createAppendSession(context, {
        request: part.appendRequest(target),
        options: sessionOptions,
        chain,
        signal,
        track: (close) => this.#place.scope.add(close),
      });
    });
  }

  /**
   * Closes every session opened through this handle: read sessions end, append sessions first settle what was
   * submitted, as long as the server makes progress. Later calls reject with code `SESSION_CLOSED`; calls already made
   * go on.
   */
  close(): Promise<void> {
    return this.#place.scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #target(): StreamTarget {
    const { endpoints, basin } = this.#place;
    return { endpoints, headers: this.#headers, basin, stream: this.name };
  }

  /** With the configuration of a stream that may be created; what checks it is loaded first. */
  async #targetWith(streamConfig: StreamConfig): Promise<StreamTarget> {
    const { streamConfigHeader } = await this.#core.parts.control();
    this.#place.scope.checkOpen();
    const header = beforeSending(() => streamConfigHeader(streamConfig));
    return { ...this.#target(), headers: { ...this.#headers, "s2-stream-config": header } };
  }

  #withTarget<T>(streamConfig: StreamConfig | undefined, make: (target: StreamTarget) => T): T | Promise<T> {
    return streamConfig === undefined ? make(this.#target()) : this.#targetWith(streamConfig).then(make);
  }
}

/** What a read asks for, checked. */
function checkedRead<F extends RecordFormat>(
  { readQuery, readFormat, readSkips }: Pick<Reading, "readQuery" | "readFormat" | "readSkips">,
  args: ReadArgs<F> = {},
) {
  return {
    query: readQuery(args),
    format: readFormat(args),
    skips: readSkips(args),
    streamConfig: args.streamConfig,
  };
}

/** A hole in it stays one: what encodes the batch refuses it, where flattening would drop it. */
function listOf(records: AppendRecordInput | readonly AppendRecordInput[]): readonly AppendRecordInput[] {
  return (Array.isArray(records) ? records : [records]) as readonly AppendRecordInput[];
}

/** What cannot be copied is no record, and is refused where records are looked at. */
function copyOf<T>(value: T): T {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

function encryptionKeyOf(box: EncryptionKey): string {
  const key = reveal(box);
  if (typeof key === "string") return key;
  throw invalidArgument("encryptionKey must be made by EncryptionKey.from");
}
