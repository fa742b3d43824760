import {
  type AttemptOptions,
  createDeferred,
  type Deferred,
  Fifo,
  ignoreRejection,
  type LinkBatch,
  type ReadFormat,
  type ReadLink,
  type RecordFormat,
  S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { createSseReadDecoder, errorFromResponse } from "@s2-dev/streamstore-core/wire";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { headersOf, readErrorBody } from "./body.js";
import { discardBody, startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import { errorFromFetch, truncatedResponse } from "./map-error.js";

/** A batch of 1 MiB whose every byte is written as an escape of six characters, and room for its fields. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/** Opens one attempt at a read session: SSE, parsed as it is pulled. */
export function openReadLink<F extends RecordFormat>(
  request: WireRequest,
  format: ReadFormat<F>,
  options: AttemptOptions,
  context: FetchContext,
): ReadLink<F> {
  const opened = createDeferred<void>();
  ignoreRejection(opened.promise);
  const decoder = createSseReadDecoder(format);
  // A default TextDecoder drops a byte order mark, which would cost the first event.
  const text = new TextDecoder();
  /** Of one network chunk: they are decoded when they are pulled. */
  const events = new Fifo<EventSourceMessage>();
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: (event) => events.push(event),
    onError(error) {
      // Unknown fields are to be ignored, says the standard.
      if (error.type === "max-buffer-size-exceeded") fail(eventTooLong());
    },
  });
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let reading = false;
  let bytesReceived = 0;
  let pull: Deferred<LinkBatch<F> | null> | undefined;
  let outcome: { readonly error: S2Error | null } | undefined;
  let letGo: (() => void) | undefined = context.runtime.hold();

  const call = startCall(
    request,
    options,
    { accept: "text/event-stream", "s2-format": format.as === "bytes" ? "base64" : "raw" },
    context,
  );
  context.open.add(fail);
  call.response.then(start).catch((thrown: unknown) => end(errorFromFetch(thrown)));

  async function start(response: Response): Promise<void> {
    if (response.status !== 200) {
      return end(errorFromResponse(response.status, await readErrorBody(response), headersOf(response)));
    }
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("text/event-stream") || response.body === null) {
      discardBody(response);
      return end(notEventStream(type));
    }
    reader = response.body.getReader();
    opened.resolve();
    answerPull();
    updateHold();
  }

  /** The process stays alive while something is awaited: the answer, or a pull. */
  function updateHold(): void {
    const awaited = outcome === undefined && (reader === undefined || pull !== undefined);
    if (awaited) letGo ??= context.runtime.hold();
    else {
      letGo?.();
      letGo = undefined;
    }
  }

  function end(error: S2Error | null): void {
    if (outcome !== undefined) return;
    outcome = { error };
    context.open.delete(fail);
    if (error !== null) opened.reject(error);
    answerPull();
    updateHold();
  }

  /** Ends the link from this side; what was received is worthless. */
  function fail(error: S2Error): void {
    events.clear();
    call.cancel(error);
    reader?.cancel(error).catch(() => {});
    if (outcome === undefined) end(error);
    else outcome = { error };
  }

  /** Answers the pending pull, or reads on for it. */
  function answerPull(): void {
    const waiting = pull;
    if (waiting === undefined) return;
    pull = undefined;
    try {
      const batch = takeBatch() ?? takeOutcome();
      if (batch !== undefined) waiting.resolve(batch);
      else {
        pull = waiting;
        readOn();
      }
    } catch (thrown) {
      waiting.reject(thrown);
    }
  }

  /** The next batch received, `undefined` when there is none. @throws S2Error when it ended the session. */
  function takeBatch(): LinkBatch<F> | undefined {
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      const decoded = decoder.decode(event);
      switch (decoded.kind) {
        case "batch":
          return { ...decoded.batch, reconnectAdvised: false };
        case "heartbeat":
          return {
            records: [],
            tail: decoded.tail,
            meteredBytes: 0,
            failure: undefined,
            reconnectAdvised: false,
          };
        case "done":
          finish();
          return undefined;
        case "error":
          fail(decoded.error);
          throw decoded.error;
        case "unknown":
      }
    }
    return undefined;
  }

  /** `null` at the clean end, `undefined` while the link goes on. @throws S2Error when it ended otherwise. */
  function takeOutcome(): null | undefined {
    if (outcome === undefined) return undefined;
    if (outcome.error !== null) throw outcome.error;
    return null;
  }

  /** The clean end. The body's own end is behind it; with it the connection can serve again. */
  function finish(): void {
    events.clear();
    const ending = reader;
    end(null);
    ending
      ?.read()
      .then(
        ({ done }) => (done ? undefined : ending.cancel()),
        () => {},
      )
      .catch(() => {});
  }

  function readOn(): void {
    if (reading || reader === undefined) return;
    reading = true;
    reader.read().then(take, (thrown: unknown) => {
      reading = false;
      end(errorFromFetch(thrown));
    });
  }

  function take({ done, value }: ReadableStreamReadResult<Uint8Array>): void {
    reading = false;
    if (outcome !== undefined) return;
    if (done) return end(truncatedResponse());
    bytesReceived += value.byteLength;
    try {
      parser.feed(text.decode(value, { stream: true }));
    } catch (thrown) {
      return fail(s2ErrorFromUnknown(thrown, "The event stream could not be parsed"));
    }
    answerPull();
    updateHold();
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
      updateHold();
      return deferred.promise;
    },
    abort: fail,
  };
}

function notEventStream(type: string): S2Error {
  return new S2Error({
    message: `A read was answered with ${type === "" ? "no content type" : type} instead of text/event-stream`,
    code: "PROTOCOL_ERROR",
  });
}

function eventTooLong(): S2Error {
  return new S2Error({
    message: `An event is longer than ${MAX_EVENT_CHARACTERS} characters`,
    code: "PROTOCOL_ERROR",
  });
}
