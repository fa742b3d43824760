import type { S2Error } from "@s2-dev/streamstore-core";
import type { AnswerReason } from "./answer-record.js";
import type { UiChunkSource } from "./ui-types.js";

/** How an answer has ended. */
export interface AnswerEnd {
  /** Id of the answer. */
  readonly answer: string;
  /** How it has ended. */
  readonly reason: AnswerReason;
  /** Whether all of it is durable, its end included. */
  readonly isStored: boolean;
  /**
   * What has failed: the store, where the answer is not stored and nobody has taken over; else the source, whose own
   * error is the `cause`.
   */
  readonly error?: S2Error;
}

/** Headers and status of a response, besides its own. */
export interface UiResponseInit {
  /** Status of the response. Default 200. */
  readonly status?: number | undefined;
  /** What stands beside the status. */
  readonly statusText?: string | undefined;
  /** Headers of the response, beside those of a stream of events. */
  readonly headers?: Headers | Readonly<Record<string, string>> | [string, string][] | undefined;
}

/**
 * An answer that is being written. It gets its chunks once, in one of three ways: by the hook of the AI SDK, by
 * `respond`, or by `persist`.
 */
export interface Answer extends AsyncDisposable {
  /** Id of the answer. */
  readonly id: string;
  /** For the model call: aborted when somebody asks to stop, and when another producer takes over. */
  readonly signal: AbortSignal;
  /** How it has ended, once its chunks and its end are durable or never will be. Never rejects. */
  readonly done: Promise<AnswerEnd>;
  /**
   * For `toUIMessageStreamResponse` and `createUIMessageStreamResponse`: stores the copy of the stream that it gets. May be
   * left alone: a second one rejects, and is told to `onError`.
   */
  readonly consumeSseStream: (options: { stream: ReadableStream<string> }) => Promise<void>;
  /**
   * Stores the chunks and sends them to the browser meanwhile. A browser that goes away changes nothing, nor does a slow
   * one, until more waits for it than `maxBufferBytes`: then its response breaks off, and the answer goes on.
   */
  respond(source: UiChunkSource, init?: UiResponseInit): Response;
  /** Stores the chunks, for nobody in particular. */
  persist(source: UiChunkSource): Promise<AnswerEnd>;
  /**
   * Ends the answer as `failed` if it was never given chunks; one that was goes on. Without it an answer whose chunks never
   * come is active, and its conversation refuses others, until somebody stops it or its process ends.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
