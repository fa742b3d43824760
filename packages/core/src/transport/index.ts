import type { S2Error } from "../error/s2-error.js";
import type { AppendAck } from "../model/position.js";
import type { DecodedBatch, EncodedBatch, FramePlace, ReadFormat, RecordFormat } from "../model/record.js";

export type { AppendAck, DecodedBatch, EncodedBatch, FramePlace, ReadFormat, RecordFormat };

/** One HTTP request, ready to send but for what may change between attempts. Header names are in lower case. */
export interface WireRequest {
  /** The method of HTTP. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The whole address, with its query. */
  readonly url: string;
  /** For links: no content negotiation in here, that is the wire's. */
  readonly headers: Readonly<Record<string, string>>;
  /** The content, if there is some. */
  readonly body?: Uint8Array;
}

/** A whole answer. A status that means failure is an answer too. */
export interface WireResponse {
  /** The status of HTTP. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** All of the content. */
  readonly body: Uint8Array;
}

/** What may change from one attempt to the next. */
export interface AttemptOptions {
  /** 1 for the first. */
  readonly attempt: number;
  /** Value of the `authorization` header. */
  readonly authorization: string;
}

/**
 * Moves bytes: one attempt at anything. Knows no operation, no retry, no order across attempts, and times no silence
 * (only what nobody else can time: the dial, keep-alive pings, the idle reaper).
 * Every failure is an `S2Error` whose `retryable` and `sideEffect` are right.
 */
export interface Transport {
  /** What it is called in errors and events, such as `fetch`. */
  readonly name: string;
  /** A unary call. Rejects only when there is no complete answer. */
  exchange(
    request: WireRequest,
    options: AttemptOptions & { readonly signal: AbortSignal },
  ): Promise<WireResponse>;
  /** Opens an append link. Never throws; no event before it returns. */
  openAppend(request: WireRequest, events: AppendEvents, options: AttemptOptions): AppendLink;
  /** Opens a read link. Never throws. */
  openRead<F extends RecordFormat>(
    request: WireRequest,
    format: ReadFormat<F>,
    options: AttemptOptions,
  ): ReadLink<F>;
  /** Ends what is idle and refuses what comes later; open links are aborted. */
  close(): Promise<void>;
}

/** One attempt at an append session. */
export interface AppendLink {
  /** Only between `opened()` and `finish()` or `ended()`. False: taken, but wait for `writable()` before the next. */
  send(batch: EncodedBatch): boolean;
  /** Batches of which a byte may have left; cumulative on this link. */
  readonly started: number;
  /** No more batches; acks still come. */
  finish(): void;
  /** In any phase; no event afterwards. */
  abort(reason: S2Error): void;
}

/** Events of an append link: `opened? (taken | acks | writable | reconnectAdvised)* ended`, with `ended` exactly once unless aborted. */
export interface AppendEvents {
  /** The server has accepted the session. */
  opened(): void;
  /** Cumulative number of batches that the wire has accepted; their deadline starts. */
  taken(batches: number): void;
  /** In submit order; always before `ended`. */
  acks(acks: readonly AppendAck[]): void;
  /** More can be sent, after `send` has asked to wait. */
  writable(): void;
  /** The server is about to leave: what follows should go over another link. */
  reconnectAdvised(): void;
  /** Also "could not open". `sideEffect: "none"` covers every unacknowledged batch and wins over `started`. */
  ended(error: S2Error | null): void;
}

/** One attempt at a read session. */
export interface ReadLink<F extends RecordFormat = RecordFormat> {
  /** Rejects with what the server answered instead (404, 416, ...), or why it could not be asked. */
  readonly opened: Promise<void>;
  /** Pulls the next batch, one call at a time, also before `opened`; `null` is the clean end; no records is a heartbeat. */
  next(): Promise<LinkBatch<F> | null>;
  /** Grows with every byte received: a watchdog's measure of life. */
  readonly bytesReceived: number;
  /** A pending `next()` rejects with the reason. */
  abort(reason: S2Error): void;
}

/** A batch as a link gives it; with `reconnectAdvised` the server wants the session to go on elsewhere. */
export interface LinkBatch<F extends RecordFormat = RecordFormat> extends DecodedBatch<F> {
  /** Whether the server is about to leave. */
  readonly reconnectAdvised: boolean;
}
