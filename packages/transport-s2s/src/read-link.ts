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
import { createFrameDecoder, decodeReadBatch, errorFromTerminalFrame } from "@s2-dev/streamstore-core/wire";
import type { S2sContext } from "./context.js";
import { payloadOf } from "./frame-compression.js";
import { openLinkStream } from "./link-stream.js";
import { truncatedResponse } from "./map-error.js";

/** Undecoded bytes that are taken when nobody pulls. Beyond it HTTP/2 flow control holds the sender back. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Opens one attempt at a read session: GET, frames of batches down, as they are pulled. */
export function openReadLink<F extends RecordFormat>(
  request: WireRequest,
  format: ReadFormat<F>,
  options: AttemptOptions,
  context: S2sContext,
): ReadLink<F> {
  const opened = createDeferred<void>();
  ignoreRejection(opened.promise);
  let decoder = createFrameDecoder();
  let http2: ClientHttp2Stream | undefined;
  let bytesReceived = 0;
  let paused = false;
  let pull: Deferred<LinkBatch<F> | null> | undefined;
  /** How the link ended. What was received before is still given first. */
  let outcome: { readonly error: S2Error | null } | undefined;

  const stream = openLinkStream(request, options, true, context, {
    opened(answered) {
      http2 = answered;
      opened.resolve();
      updateAwaited();
    },
    data(chunk) {
      bytesReceived += chunk.byteLength;
      decoder.push(chunk);
      answerPull();
      if (pull === undefined && decoder.pendingBytes > READ_AHEAD_BYTES) setPaused(true);
    },
    ended: end,
  });

  function updateAwaited(): void {
    stream.setAwaited(pull !== undefined);
  }

  function setPaused(pause: boolean): void {
    if (pause === paused || http2 === undefined) return;
    paused = pause;
    if (pause) http2.pause();
    else http2.resume();
  }

  function end(error: S2Error | null): void {
    outcome ??= { error };
    http2 = undefined;
    if (error !== null) opened.reject(error);
    answerPull();
  }

  /** Ends the link from this side; what was received is worthless. */
  function fail(error: S2Error): void {
    if (error.code === "server_draining") stream.retireConnection();
    stream.cancel();
    decoder = createFrameDecoder();
    outcome = { error };
    end(error);
  }

  /** Answers the pending pull, if what was received suffices. */
  function answerPull(): void {
    const waiting = pull;
    if (waiting === undefined) return;
    pull = undefined;
    try {
      const batch = takeBatch() ?? takeOutcome();
      if (batch === undefined) pull = waiting;
      else waiting.resolve(batch);
    } catch (thrown) {
      waiting.reject(thrown);
    }
    updateAwaited();
  }

  /** The next batch received, `undefined` when there is none. @throws S2Error when it ended the session. */
  function takeBatch(): LinkBatch<F> | undefined {
    try {
      const frame = decoder.next();
      if (frame === undefined) return undefined;
      if (frame.terminal) throw errorFromTerminalFrame(frame.payload);
      if (frame.reconnectAdvised) stream.retireConnection();
      const batch = decodeReadBatch(payloadOf(frame, context.settings.codec), format);
      return Object.assign(batch, { reconnectAdvised: frame.reconnectAdvised });
    } catch (thrown) {
      const error = s2ErrorFromUnknown(thrown);
      fail(error);
      throw error;
    }
  }

  /** `null` at the clean end, `undefined` while the link goes on. @throws S2Error when it ended otherwise. */
  function takeOutcome(): null | undefined {
    if (outcome === undefined) return undefined;
    if (outcome.error !== null) throw outcome.error;
    if (decoder.pendingBytes > 0) throw truncatedResponse();
    return null;
  }

  return {
    opened: opened.promise,
    get bytesReceived() {
      return bytesReceived;
    },
    next() {
      const deferred = createDeferred<LinkBatch<F> | null>();
      pull = deferred;
      answerPull();
      if (pull !== undefined) setPaused(false);
      return deferred.promise;
    },
    abort: fail,
  };
}
