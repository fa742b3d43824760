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
import {
  createSseReadDecoder,
  createUtf8ChunkDecoder,
  errorFromResponse,
  type SseReadDecoder,
} from "@s2-dev/streamstore-core/wire";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { headersOf, readErrorBody } from "./body.js";
import { type Call, discardBody, startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import { errorFromFetch, truncatedResponse } from "./map-error.js";

/** A batch of 1 MiB whose every byte is written as an escape of six characters, and room for its fields. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

const HEARTBEAT = { meteredBytes: 0, failure: undefined, reconnectAdvised: false } as const;

/** Opens one attempt at a read session: SSE, parsed as it is pulled. */
export function openReadLink<F extends RecordFormat>(
  request: WireRequest,
  format: ReadFormat<F>,
  options: AttemptOptions,
  context: FetchContext,
): ReadLink<F> {
  return new SseReadLink(request, format, options, context);
}

class SseReadLink<F extends RecordFormat> implements ReadLink<F> {
  readonly #context: FetchContext;
  readonly #decoder: SseReadDecoder<F>;
  readonly #opened = createDeferred<void>();
  readonly #call: Call;
  readonly #stop = (error: S2Error): void => this.#fail(error);
  // Drops a byte order mark, which would cost the first event.
  readonly #text = createUtf8ChunkDecoder();
  /** Of one network chunk: they are decoded when they are pulled. */
  readonly #events = new Fifo<EventSourceMessage>();
  readonly #parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: (event) => this.#events.push(event),
    onError: (error) => {
      // Unknown fields are to be ignored, says the standard.
      if (error.type === "max-buffer-size-exceeded") this.#fail(eventTooLong());
    },
  });
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading = false;
  #bytesReceived = 0;
  #pull: Deferred<LinkBatch<F> | null> | undefined;
  /** How the link ended. What was received before is still given first. */
  #outcome: { readonly error: S2Error | null } | undefined;
  #letGo: (() => void) | undefined;

  constructor(request: WireRequest, format: ReadFormat<F>, options: AttemptOptions, context: FetchContext) {
    this.#context = context;
    this.#decoder = createSseReadDecoder(format);
    ignoreRejection(this.#opened.promise);
    context.open.add(this.#stop);
    this.#updateHold();
    const headers = { accept: "text/event-stream", "s2-format": format.as === "bytes" ? "base64" : "raw" };
    this.#call = startCall(request, options, headers, context);
    this.#call.response
      .then((response) => this.#open(response))
      .catch((thrown: unknown) => this.#end(errorFromFetch(thrown)));
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
    this.#answerPull();
    this.#updateHold();
    return pull.promise;
  }

  abort(reason: S2Error): void {
    this.#fail(reason);
  }

  async #open(response: Response): Promise<void> {
    if (response.status !== 200) {
      const body = await readErrorBody(response);
      return this.#end(errorFromResponse(response.status, body, headersOf(response)));
    }
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("text/event-stream") || response.body === null) {
      discardBody(response);
      return this.#end(notEventStream(type));
    }
    this.#reader = response.body.getReader();
    this.#opened.resolve();
    this.#answerPull();
    this.#updateHold();
  }

  /** The process stays alive while something is awaited: the answer, or a pull. */
  #updateHold(): void {
    const awaited = this.#outcome === undefined && (this.#reader === undefined || this.#pull !== undefined);
    if (awaited) this.#letGo ??= this.#context.runtime.hold();
    else {
      this.#letGo?.();
      this.#letGo = undefined;
    }
  }

  /** Answers the pending pull, or reads on for it. */
  #answerPull(): void {
    const pull = this.#pull;
    if (pull === undefined) return;
    this.#pull = undefined;
    try {
      const batch = this.#takeBatch() ?? this.#takeOutcome();
      if (batch !== undefined) return pull.resolve(batch);
      this.#pull = pull;
      this.#readOn();
    } catch (thrown) {
      pull.reject(thrown);
    }
  }

  /** The next batch received, `undefined` when there is none. @throws S2Error when it ended the session. */
  #takeBatch(): LinkBatch<F> | undefined {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      const decoded = this.#decoder.decode(event);
      switch (decoded.kind) {
        case "batch":
          return { ...decoded.batch, reconnectAdvised: false };
        case "heartbeat":
          return { ...HEARTBEAT, records: [], tail: decoded.tail };
        case "done":
          this.#finish();
          return undefined;
        case "error":
          this.#fail(decoded.error);
          throw decoded.error;
        case "unknown":
      }
    }
    return undefined;
  }

  /** `null` at the clean end, `undefined` while the link goes on. @throws S2Error when it ended otherwise. */
  #takeOutcome(): null | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#outcome.error !== null) throw this.#outcome.error;
    return null;
  }

  #readOn(): void {
    if (this.#reading || this.#reader === undefined) return;
    this.#reading = true;
    this.#reader.read().then(
      (result) => this.#take(result),
      (thrown: unknown) => this.#end(errorFromFetch(thrown)),
    );
  }

  #take({ done, value }: ReadableStreamReadResult<Uint8Array>): void {
    this.#reading = false;
    if (this.#outcome !== undefined) return;
    if (done) return this.#end(truncatedResponse());
    this.#bytesReceived += value.byteLength;
    try {
      this.#parser.feed(this.#text.decode(value));
    } catch (thrown) {
      return this.#fail(s2ErrorFromUnknown(thrown, "The event stream could not be parsed"));
    }
    this.#answerPull();
    this.#updateHold();
  }

  /** The clean end. The body's own end is behind it; with it the connection can serve again. */
  #finish(): void {
    this.#events.clear();
    const reader = this.#reader;
    this.#end(null);
    reader
      ?.read()
      .then(({ done }) => (done ? undefined : reader.cancel()))
      .catch(() => {});
  }

  #end(error: S2Error | null): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#context.open.delete(this.#stop);
    if (error !== null) this.#opened.reject(error);
    this.#answerPull();
    this.#updateHold();
  }

  /** Ends the link from this side; what was received is worthless. */
  #fail(error: S2Error): void {
    this.#events.clear();
    this.#call.cancel(error);
    this.#reader?.cancel(error).catch(() => {});
    if (this.#outcome === undefined) this.#end(error);
    else this.#outcome = { error };
  }
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
