import type { ClientHttp2Stream } from "node:http2";
import {
  type AttemptOptions,
  createDeferred,
  type Deferred,
  ignoreRejection,
  type LinkBatch,
  type ReadFormat,
  type ReadLink,
  type RecordFormat,
  type S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import {
  createFrameDecoder,
  decodeReadBatch,
  errorFromTerminalFrame,
  joinPieces,
} from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";
import type { S2sContext } from "./context.js";
import { payloadOf } from "./frame-compression.js";
import { LinkStream } from "./link-stream.js";
import { truncatedResponse } from "./map-error.js";
import { resumeStream } from "./request-stream.js";

/** Undecoded bytes that are taken when nobody pulls. Beyond it HTTP/2 flow control holds the sender back. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Opens one attempt at a read session: GET, frames of batches down, as they are pulled. */
export function openReadLink<F extends RecordFormat>(
  request: WireRequest,
  format: ReadFormat<F>,
  options: AttemptOptions,
  context: S2sContext,
): ReadLink<F> {
  return new FramedReadLink(request, format, options, context);
}

class FramedReadLink<F extends RecordFormat> implements ReadLink<F> {
  readonly #format: ReadFormat<F>;
  readonly #codec: Codec | undefined;
  readonly #stream: LinkStream;
  readonly #opened = createDeferred<void>();
  #decoder = createFrameDecoder();
  #http2: ClientHttp2Stream | undefined;
  #bytesReceived = 0;
  #paused = false;
  #pull: Deferred<LinkBatch<F> | null> | undefined;
  /** How the link ended. What was received before is still given first. */
  #outcome: { readonly error: S2Error | null } | undefined;

  constructor(request: WireRequest, format: ReadFormat<F>, options: AttemptOptions, context: S2sContext) {
    this.#format = format;
    this.#codec = context.settings.codec;
    ignoreRejection(this.#opened.promise);
    this.#stream = LinkStream.open(request, options, true, context, {
      opened: (http2) => this.#open(http2),
      data: (chunk) => this.#take(chunk),
      ended: (error) => this.#end(error),
    });
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  next(): Promise<LinkBatch<F> | null> {
    const pull = createDeferred<LinkBatch<F> | null>();
    this.#pull = pull;
    // A live reader asks as soon as it has what came: there is nothing to look for then.
    if (this.#decoder.pendingBytes > 0 || this.#outcome !== undefined) this.#answerPull();
    else this.#updateAwaited();
    if (this.#pull !== undefined) this.#setPaused(false);
    return pull.promise;
  }

  abort(reason: S2Error): void {
    this.#fail(reason);
  }

  #open(http2: ClientHttp2Stream): void {
    this.#http2 = http2;
    this.#opened.resolve();
    this.#updateAwaited();
  }

  #take(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.byteLength;
    this.#decoder.push(chunk);
    this.#answerPull();
    if (this.#pull === undefined && this.#decoder.pendingBytes > READ_AHEAD_BYTES) this.#setPaused(true);
  }

  #setPaused(paused: boolean): void {
    if (paused === this.#paused || this.#http2 === undefined) return;
    this.#paused = paused;
    if (paused) this.#http2.pause();
    else resumeStream(this.#http2);
  }

  /** Answers the pending pull, if what was received suffices. */
  #answerPull(): void {
    const pull = this.#pull;
    if (pull === undefined) return;
    this.#pull = undefined;
    try {
      const batch = this.#takeBatch() ?? this.#takeOutcome();
      if (batch === undefined) this.#pull = pull;
      else pull.resolve(batch);
    } catch (thrown) {
      pull.reject(thrown);
    }
    this.#updateAwaited();
  }

  /** The next batch received, `undefined` when there is none. @throws S2Error when it ended the session. */
  #takeBatch(): LinkBatch<F> | undefined {
    try {
      const frame = this.#decoder.nextInPieces();
      if (frame === undefined) return undefined;
      const { pieces, reconnectAdvised } = frame;
      if (frame.terminal) throw errorFromTerminalFrame(joinPieces(pieces));
      if (reconnectAdvised) this.#stream.retireConnection();
      const payload =
        frame.compression === "none" ? pieces : payloadOf(frame, joinPieces(pieces), this.#codec);
      const { records, tail, meteredBytes, failure } = decodeReadBatch(payload, this.#format);
      return { records, tail, meteredBytes, failure, reconnectAdvised };
    } catch (thrown) {
      const error = s2ErrorFromUnknown(thrown);
      this.#fail(error);
      throw error;
    }
  }

  /** `null` at the clean end, `undefined` while the link goes on. @throws S2Error when it ended otherwise. */
  #takeOutcome(): null | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#outcome.error !== null) throw this.#outcome.error;
    if (this.#decoder.pendingBytes > 0) throw truncatedResponse();
    return null;
  }

  /** The process stays alive for a pull. */
  #updateAwaited(): void {
    this.#stream.setAwaited(this.#pull !== undefined);
  }

  /** Ends the link from this side; what was received is worthless. */
  #fail(error: S2Error): void {
    this.#stream.cancel(error);
    this.#decoder = createFrameDecoder();
    this.#outcome = { error };
    this.#end(error);
  }

  #end(error: S2Error | null): void {
    this.#outcome ??= { error };
    this.#http2 = undefined;
    if (error !== null) this.#opened.reject(error);
    this.#answerPull();
  }
}
