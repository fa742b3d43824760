import {
  type AppendAck,
  AppendOutcomeUnknownError,
  type AppendRecordInput,
  type ReadArgs,
  type ReadBatch,
  type RecordFormat,
  sessionClosedError,
  type TailResponse,
} from "@s2-dev/streamstore-core";
import {
  type AppendSession,
  type AppendSessionOptions,
  createAppendSession,
  openReadSession,
  type ReadSession,
} from "@s2-dev/streamstore-core/session";
import type { WireRequest } from "@s2-dev/streamstore-core/transport";
import {
  type AppendConditions,
  buildRequest,
  checkStreamName,
  decodeAppendResponse,
  decodeReadResponse,
  encodeAppendBatch,
  FRAME_HEAD_BYTES,
  type ReadQuery,
  readFormat,
  readQuery,
  withProtobuf,
} from "@s2-dev/streamstore-core/wire";
import type { ClientCore } from "./client-core.js";
import type { S2RequestOptions, SessionTransports, StreamOptions } from "./options.js";
import { SessionScope } from "./session-scope.js";

/** The service waits at most this long in a unary read, in seconds. */
const MAX_UNARY_WAIT = 60;

/** A handle of one stream. */
export class S2Stream implements AsyncDisposable {
  readonly name: string;
  readonly #basin: string;
  readonly #core: ClientCore;
  readonly #scope: SessionScope;
  readonly #forced: SessionTransports | undefined;

  /** @internal Made by `S2Basin`. */
  constructor(core: ClientCore, parent: SessionScope, basin: string, name: string, options: StreamOptions = {}) {
    checkStreamName(name);
    this.name = name;
    this.#basin = basin;
    this.#core = core;
    this.#scope = new SessionScope(parent);
    this.#forced = options.forceTransport;
    // A transport that cannot be had is refused here, not at the first use.
    if (this.#forced !== undefined) core.context(this.#forced);
  }

  /** The stream's tail: the sequence number of the next record, and the timestamp of the last. */
  async checkTail(options?: S2RequestOptions): Promise<TailResponse> {
    this.#checkOpen();
    return this.#core.perform(
      "check_tail",
      { stream: this.name },
      { basin: this.#basin },
      { signal: options?.signal, forceTransport: this.#forced },
    );
  }

  /**
   * Reads one batch: at most 1000 records and 1 MiB. At the tail without `wait` it rejects with
   * `RangeNotSatisfiableError`. Loop with `readSession` to read more.
   */
  read<F extends RecordFormat = "string">(args?: ReadArgs<F>, options?: S2RequestOptions): Promise<ReadBatch<F>> {
    return this.#core.run(this.#forced, () => {
      this.#checkOpen();
      const query = readQuery(args ?? {});
      const format = readFormat<F>(args ?? {});
      return {
        request: withProtobuf(this.#readRequest(query)),
        decode: (response) => decodeReadResponse(response, format),
        signal: options?.signal,
        extraMillis: Math.min(query.wait ?? 0, MAX_UNARY_WAIT) * 1000,
      };
    });
  }

  /**
   * Appends one batch, all or nothing. Under the retry policy `"all"` a lost acknowledgement can make it land twice;
   * `match_seq_num` prevents that. Rejects with `SeqNumMismatchError` or `FencingTokenMismatchError` when a condition
   * does not hold, and with `AppendOutcomeUnknownError` when that may be due to an earlier attempt of its own.
   */
  append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: AppendConditions,
    options?: S2RequestOptions,
  ): Promise<AppendAck> {
    return this.#core.run(this.#forced, () => {
      this.#checkOpen();
      const list = Array.isArray(records) ? (records as readonly AppendRecordInput[]) : [records as AppendRecordInput];
      const batch = encodeAppendBatch(list, args);
      const { appendRetryPolicy } = this.#core.context(this.#forced).retry;
      return {
        request: withProtobuf(this.#appendRequest(), batch.frame.subarray(FRAME_HEAD_BYTES)),
        decode: decodeAppendResponse,
        signal: options?.signal,
        repeatable: (error) => appendRetryPolicy === "all" || error.sideEffect === "none" || batch.conditional,
        settleUncertain: (error) => {
          throw new AppendOutcomeUnknownError({
            message: `An earlier attempt at this append may have landed; the last one failed: ${error.message}`,
            status: error.status,
            cause: error,
            attempts: error.attempts,
          });
        },
      };
    });
  }

  /**
   * Reads from a position on and follows the stream live. Resolves when the session is open, for a start relative to
   * the tail or to a time when its position is fixed; a stream that does not exist or a start beyond the tail rejects.
   */
  async readSession<F extends RecordFormat = "string">(
    args?: ReadArgs<F>,
    options?: S2RequestOptions,
  ): Promise<ReadSession<F>> {
    this.#checkOpen();
    const range = readQuery(args ?? {});
    const format = readFormat<F>(args ?? {});
    return openReadSession<F>(this.#core.context(this.#forced), {
      range,
      format,
      request: (query) => this.#readRequest(query),
      signal: options?.signal,
      track: (close) => this.#scope.add(close),
    });
  }

  /** Starts a pipelined append session. Touches no network: the first batch finds out what is wrong. */
  async appendSession(sessionOptions?: AppendSessionOptions, options?: S2RequestOptions): Promise<AppendSession> {
    this.#checkOpen();
    return createAppendSession(this.#core.context(this.#forced), {
      request: this.#appendRequest(),
      options: sessionOptions,
      signal: options?.signal,
      track: (close) => this.#scope.add(close),
    });
  }

  /** Closes every session opened through this handle; append sessions drain first. */
  close(): Promise<void> {
    return this.#scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkOpen(): void {
    if (this.#scope.isClosed) throw sessionClosedError("The stream");
  }

  #readRequest(query: ReadQuery): WireRequest {
    return buildRequest("read", { stream: this.name, ...query }, this.#target());
  }

  #appendRequest(): WireRequest {
    return buildRequest("append", { stream: this.name }, this.#target());
  }

  #target(): { endpoints: ClientCore["endpoints"]; headers: ClientCore["headers"]; basin: string } {
    return { endpoints: this.#core.endpoints, headers: this.#core.headers, basin: this.#basin };
  }
}
