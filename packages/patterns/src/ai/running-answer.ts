import { type S2Error, s2ErrorFromUnknown } from "@s2-dev/streamstore-core";
import {
  abortedError,
  createDeferred,
  ignoreRejection,
  invalidArgument,
  onAbort,
} from "@s2-dev/streamstore-core/transport";
import type { Answer, AnswerEnd, UiResponseInit } from "./answer.js";
import { type AnswerBody, createAnswerBody } from "./answer-body.js";
import type { AnswerLog, AnswerLogEvents } from "./answer-log.js";
import type { AnswerSettings } from "./answer-options.js";
import type { AnswerReason } from "./answer-record.js";
import { type ChunkShaper, checkChunk } from "./chunk-shaper.js";
import { closingChunk, lacksClosing } from "./closing-chunk.js";
import { dataOfSse } from "./sse-data.js";
import { chunksOf, streamOf } from "./ui-source.js";
import type { UiChunk, UiChunkSource } from "./ui-types.js";

/** How long a response that does not depend on the store waits for it at its end, in milliseconds. */
const STORE_GRACE = 1000;

export class RunningAnswer implements Answer, AnswerLogEvents {
  readonly id: string;
  readonly done: Promise<AnswerEnd>;
  readonly #settings: AnswerSettings;
  readonly #shaper: ChunkShaper;
  readonly #controller = new AbortController();
  readonly #ended = createDeferred<AnswerEnd>();
  readonly #log: AnswerLog;
  #finishing: Promise<AnswerEnd> | undefined;
  #isAttached = false;
  #isStopped = false;
  #isReplaced = false;
  #isCutOff = false;
  /** What the store has failed with, and the source. */
  #error: S2Error | undefined;
  #sourceError: S2Error | undefined;
  readonly #cutOffs = createDeferred<void>();
  #cut: (() => void) | undefined;
  #cancelGrace: () => void = () => {};
  #removeListener: () => void = () => {};

  constructor(
    settings: AnswerSettings,
    id: string,
    shaper: ChunkShaper,
    openLog: (events: AnswerLogEvents) => AnswerLog,
  ) {
    this.id = id;
    this.#settings = settings;
    this.#shaper = shaper;
    this.done = this.#ended.promise;
    this.#log = openLog(this);
    this.#removeListener = onAbort(settings.signal, () => this.stopRequested());
    settings.waitUntil(this.done);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when nothing more is taken from the source, whether it has come yet or not. */
  get whenCutOff(): Promise<void> {
    return this.#cutOffs.promise;
  }

  readonly consumeSseStream = ({ stream }: { stream: ReadableStream<string> }): Promise<void> => {
    const consumed = this.#consume(stream);
    // The AI SDK does not wait for it.
    ignoreRejection(consumed);
    return consumed;
  };

  async #consume(stream: ReadableStream<string>): Promise<void> {
    try {
      this.#attach();
    } catch (error) {
      // Its other half would fill the memory.
      ignoreRejection(stream.cancel(error));
      this.#settings.onError(s2ErrorFromUnknown(error));
      throw error;
    }
    const data = dataOfSse(stream, this.#settings.maxBufferBytes);
    await this.#run(streamOf(data), (json) => this.#shaper.shapeJson(json));
  }

  respond(source: UiChunkSource, init: UiResponseInit = {}): Response {
    const chunks = chunksOf(source);
    const body = createAnswerBody(init, this.#settings);
    this.#attach();
    void this.#run(chunks, this.#shape, body);
    return body.response;
  }

  async persist(source: UiChunkSource): Promise<AnswerEnd> {
    const chunks = chunksOf(source);
    this.#attach();
    return this.#run(chunks, this.#shape);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isAttached) return;
    this.#isAttached = true;
    this.#cancelGrace();
    await this.#finish(this.#reason(true));
  }

  stopRequested(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { clock, stopGraceMillis } = this.#settings;
    // The default reason: it is what the AI SDK knows an abort by.
    this.#controller.abort();
    this.#cancelGrace = clock.timer(stopGraceMillis, () => this.#cutOff(), true);
  }

  replaced(): void {
    this.#isReplaced = true;
    this.#controller.abort();
    this.#cutOff();
  }

  storeFailed(error: S2Error): void {
    this.#error = error;
    this.#settings.onError(error);
    if (!this.#settings.failsWithStore) return;
    this.#controller.abort();
    this.#cutOff();
  }

  #attach(): void {
    if (this.#isAttached) {
      throw invalidArgument("the answer must be given its chunks once; it has a source already");
    }
    this.#isAttached = true;
  }

  readonly #shape = (chunk: UiChunk): string[] => {
    checkChunk(chunk);
    return this.#shaper.shape(chunk);
  };

  async #run<T>(
    source: ReadableStream<T>,
    shape: (value: T) => string[],
    body?: AnswerBody,
  ): Promise<AnswerEnd> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#copy(source, shape, body);
    } catch (error) {
      failure = { error };
      this.#sourceFailed(error);
      this.#cutOff();
    }
    this.#cancelGrace();
    const reason = this.#reason(failure !== undefined);
    this.#close(reason, failure?.error, body);
    const finishing = this.#finish(reason);
    await this.#settle(finishing, body);
    return finishing;
  }

  /** Everything that the source gives goes to the store and to the browser, whichever of them is slow. */
  async #copy<T>(
    source: ReadableStream<T>,
    shape: (value: T) => string[],
    body: AnswerBody | undefined,
  ): Promise<void> {
    const reader = source.getReader();
    this.#cut = () => void reader.cancel(abortedError("the answer was ended")).catch(() => {});
    if (this.#isCutOff) this.#cut();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const json of shape(value)) this.#write(json, body);
    }
  }

  /** A source that ends by an error since it was asked to end has not failed. */
  #sourceFailed(error: unknown): void {
    if (this.#controller.signal.aborted) return;
    this.#sourceError = s2ErrorFromUnknown(error, "The source of the answer has failed");
    this.#settings.onError(this.#sourceError);
  }

  /** Lets the source say nothing more, whether it has come yet or not. */
  #cutOff(): void {
    this.#isCutOff = true;
    this.#cutOffs.resolve();
    this.#cut?.();
    // Whoever was to give it its chunks may never do so.
    if (!this.#isAttached) void this.#finish(this.#reason(false));
  }

  #write(json: string, body: AnswerBody | undefined): void {
    this.#log.write(json);
    body?.send(json);
  }

  #reason(hasFailed: boolean): AnswerReason {
    if (this.#isReplaced) return "replaced";
    if (this.#isStopped) return "stopped";
    if (hasFailed || (this.#error !== undefined && this.#settings.failsWithStore)) return "failed";
    return this.#shaper.ended ?? "finished";
  }

  /** What a reader must see at the end, where the source has not said it. */
  #close(reason: AnswerReason, error: unknown, body: AnswerBody | undefined): void {
    if (!lacksClosing(reason, this.#shaper.ended)) return;
    const chunk = closingChunk(reason, () => this.#settings.errorText(error ?? this.#error));
    if (chunk !== undefined) this.#write(JSON.stringify(chunk), body);
  }

  /** Once: chunks may still be given to an answer that was ended without any. */
  #finish(reason: AnswerReason): Promise<AnswerEnd> {
    this.#finishing ??= this.#finishOnce(reason);
    return this.#finishing;
  }

  async #finishOnce(reason: AnswerReason): Promise<AnswerEnd> {
    const isStored = !this.#isReplaced && (await this.#log.end(reason));
    this.#removeListener();
    const error = this.#error ?? this.#sourceError;
    const end = {
      ...{ answer: this.id, isStored, reason: this.#isReplaced ? "replaced" : reason },
      ...(error === undefined ? {} : { error }),
    } as const;
    this.#ended.resolve(end);
    return end;
  }

  /** The browser is told of the end when a page that is loaded anew would see it too. */
  async #settle(finishing: Promise<AnswerEnd>, body: AnswerBody | undefined): Promise<void> {
    if (body === undefined) return;
    const { clock, failsWithStore, errorText } = this.#settings;
    if (failsWithStore) {
      const { reason } = await finishing;
      // It has come to its end all the same, so nothing has said yet that it is not stored.
      if (this.#error !== undefined && reason !== "failed") {
        body.send(JSON.stringify({ type: "error", errorText: errorText(this.#error) }));
      }
    } else {
      const late = createDeferred<void>();
      const cancel = clock.timer(STORE_GRACE, () => late.resolve(), true);
      await Promise.race([finishing, late.promise]);
      cancel();
    }
    body.end();
  }
}
