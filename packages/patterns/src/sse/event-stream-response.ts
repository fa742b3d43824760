import type { S2Stream } from "@s2-dev/streamstore";
import {
  type ReadArgs,
  type ReadSession,
  type RecordFormat,
  type S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { cursorWriter, restoreCursor } from "../cursor/stream-cursor.js";
import { checkHas } from "../options/check-values.js";
import { GapDetector, ReplayGapError } from "../reading/replay-gap.js";
import { createEventBody, END_MARK, type EventBodySource } from "./event-body.js";
import {
  type EventStreamOptions,
  type EventStreamSettings,
  resolveEventStreamSettings,
} from "./event-stream-options.js";
import { lastEventIdOf } from "./handler-arguments.js";
import { badPositionOf, type Refusal, refusalOf } from "./refusal.js";

/** What is needed of a handle of a stream to send it as events. */
export type EventSourceStream = Pick<S2Stream, "basin" | "checkTail" | "name" | "read" | "readSession">;

/** What proxies need to pass on each event when it comes, as it is. */
const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

/** The status of an answer that nobody waits for any more. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Answers a request with a stream's records as server-sent events, so that a browser can follow it by an `EventSource`,
 * without an access token. Each record is an event whose id is the cursor behind it; a reader that comes back with
 * `Last-Event-ID` goes on there, without loss or repetition. Web standards only: it fits wherever a handler takes a
 * `Request` and gives a `Response`.
 *
 * Without a position the reader starts where the options say, by default with what comes from now on. When it goes away
 * the read session is cancelled: by cancelling the body, or by `request.signal`.
 *
 * Never rejects for what the reader or the service did: 400 for a position of another stream, 404 for a stream that does
 * not exist, 416 for a position beyond its tail, 410 for a gap under `onGap: "error"`, 502 for what this server cannot do,
 * each with `{ code, message }`; 204 for a reader whose stream has ended for good. What may pass is answered by 200 and an
 * event `failure`, since an `EventSource` comes back from that only; by 200 and no event when `signal` is aborted.
 *
 * @throws S2Error `INVALID_ARGUMENT` for options out of range, and a request that is none of web standards.
 *
 * @example
 * app.get("/events", (c) => eventStreamResponse(c.req.raw, stream)); // Hono
 */
export async function eventStreamResponse<F extends RecordFormat = "string">(
  request: Request,
  stream: EventSourceStream,
  options: EventStreamOptions<F> = {},
): Promise<Response> {
  const settings = resolveEventStreamSettings(options);
  checkHas(stream, "readSession", "stream");
  const answer = new Answer(settings, options.headers);
  const position = lastEventIdOf(request) || options.cursor || undefined;
  if (position?.endsWith(END_MARK) === true) return answer.nothingMore();
  let from: number | undefined;
  try {
    if (position !== undefined) from = restoreCursor(position, stream).seq_num;
  } catch (thrown) {
    const refusal = badPositionOf(s2ErrorFromUnknown(thrown));
    if (refusal === undefined) throw thrown;
    return answer.refuse(refusal);
  }
  const leaving = watch([request.signal, options.signal]);
  try {
    const session = await stream.readSession<F>(readArgs(options, from), { signal: leaving.signal });
    const source = await sourceOf(session, stream, from, options, settings, leaving);
    if (request.method !== "HEAD") return answer.events(createEventBody(source));
    await session.cancel("no body is wanted");
    leaving.stop();
    return answer.events(null);
  } catch (thrown) {
    leaving.stop();
    if (request.signal?.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    // On a connection that was kept, readers may ask a server that is about to leave once more.
    if (leaving.signal.aborted) return answer.comeBack();
    const error = s2ErrorFromUnknown(thrown);
    if (error.code === "INVALID_ARGUMENT") throw error;
    return answer.failure(error);
  }
}

function readArgs<F extends RecordFormat>(
  options: EventStreamOptions<F>,
  from: number | undefined,
): ReadArgs<F> {
  const { as, unsafeTimestamps, wait, until } = options;
  const { seq_num, timestamp, tail_offset, clamp } = options;
  const start = from === undefined ? { seq_num, timestamp, tail_offset, clamp } : { seq_num: from };
  return { as, unsafeTimestamps, wait, until, ...start } as ReadArgs<F>;
}

/** Where the reader is before its first record, if that can be told. */
function positionOf<F extends RecordFormat>(
  session: ReadSession<F>,
  from: number | undefined,
  { seq_num, clamp }: EventStreamOptions<F>,
): number | undefined {
  // A start that may be moved to the tail is not a position to come back to.
  return from ?? (clamp === true ? undefined : seq_num) ?? session.nextReadPosition()?.seq_num;
}

/** Looks at what comes first where that decides about the answer. */
async function sourceOf<F extends RecordFormat>(
  session: ReadSession<F>,
  stream: EventSourceStream,
  from: number | undefined,
  options: EventStreamOptions<F>,
  settings: EventStreamSettings<F>,
  leaving: Leaving,
): Promise<EventBodySource<F>> {
  const createGaps = (expected: number) => new GapDetector(stream, expected);
  const gaps = from === undefined ? undefined : createGaps(from);
  const source = {
    ...{ session, gaps, createGaps, settings, signal: leaving.signal },
    batches: session.batches({ heartbeats: true }),
    position: positionOf(session, from, options),
    idAt: cursorWriter(stream),
    onEnded: (failure?: S2Error) => {
      leaving.stop();
      if (failure !== undefined) settings.onError(failure);
    },
  };
  if (settings.onGap !== "error" || gaps === undefined) return { ...source, first: undefined };
  try {
    const first = await source.batches.next();
    const isOdd = first.done === true || gaps.isSuspicious(first.value);
    const gap = isOdd
      ? await (first.done === true ? gaps.gapAtEnd() : gaps.gapBefore(first.value))
      : undefined;
    if (gap !== undefined) throw new ReplayGapError(gap);
    return { ...source, first };
  } catch (error) {
    await session.cancel(error).catch(() => {});
    throw error;
  }
}

/** Makes the answers, each with the headers that were asked for. */
class Answer {
  readonly #settings: EventStreamSettings<never>;
  readonly #headers: EventStreamOptions["headers"];

  constructor(settings: EventStreamSettings<never>, headers: EventStreamOptions["headers"]) {
    this.#settings = settings;
    this.#headers = headers;
  }

  events(body: ReadableStream<Uint8Array> | string | null): Response {
    return this.#respond(200, EVENT_STREAM_HEADERS, body);
  }

  nothingMore(): Response {
    return this.#respond(204, {}, null);
  }

  refuse({ status, body }: Refusal): Response {
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    return this.#respond(status, headers, JSON.stringify(body));
  }

  failure(error: S2Error): Response {
    const refusal = refusalOf(error);
    if (refusal === undefined || refusal.status >= 500) this.#settings.onError(error);
    if (refusal !== undefined) return this.refuse(refusal);
    return this.comeBack(`event: failure\ndata: ${JSON.stringify({ code: error.code })}\n`);
  }

  /** A stream of events that ends at once: what is not 200 an `EventSource` takes as the end of all. */
  comeBack(event = ""): Response {
    return this.events(`retry: ${this.#settings.retryMillis}\n${event}\n`);
  }

  #respond(
    status: number,
    own: Record<string, string>,
    body: ReadableStream<Uint8Array> | string | null,
  ): Response {
    const headers = new Headers(this.#headers);
    for (const [name, value] of Object.entries(own)) if (!headers.has(name)) headers.set(name, value);
    return new Response(body, { status, headers });
  }
}

/** Whether the reader, or the server, is about to leave. */
interface Leaving {
  readonly signal: AbortSignal;
  /** Takes the listeners away. */
  readonly stop: () => void;
}

/** One signal for several. */
function watch(signals: readonly (AbortSignal | undefined)[]): Leaving {
  const controller = new AbortController();
  const removals = signals.map((signal) => onAbort(signal, (reason) => controller.abort(reason)));
  return {
    signal: controller.signal,
    stop: () => {
      for (const remove of removals) remove();
    },
  };
}
