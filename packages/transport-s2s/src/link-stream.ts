import type { ClientHttp2Stream } from "node:http2";
import {
  type AttemptOptions,
  type S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { errorFromResponse } from "@s2-dev/streamstore-core/wire";
import { type Body, createBody } from "./body.js";
import type { S2sContext } from "./context.js";
import type { Lease } from "./pool.js";
import { parseTarget, requestHeaders, SESSION_HEADERS } from "./request-headers.js";
import { openRequest, type RequestStream } from "./request-stream.js";

/** Of the body of an answer other than 200 no more is kept than this: an error of the service is far shorter. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** What the stream under a link reports: `opened? data* ended`, never before `openLinkStream` returns. */
export interface LinkStreamEvents {
  /** Answered with 200. */
  opened(http2: ClientHttp2Stream): void;
  data(chunk: Uint8Array): void;
  /** Exactly once, unless cancelled. `null`: END_STREAM. An answer other than 200 is an error too. */
  ended(error: S2Error | null): void;
}

/** The request under a link, from the wish for a connection to the end of the response. */
export interface LinkStream {
  /** Whether something is awaited, which keeps the process alive. While the link opens it always is. */
  setAwaited(awaited: boolean): void;
  /** The connection takes no more requests: the server asked for it. */
  retireConnection(): void;
  /** Resets the request, wherever it is. No event afterwards. */
  cancel(): void;
}

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export function openLinkStream(
  request: WireRequest,
  options: AttemptOptions,
  endStream: boolean,
  context: S2sContext,
  events: LinkStreamEvents,
): LinkStream {
  let lease: Lease | undefined;
  let stream: RequestStream | undefined;
  /** Set by an answer other than 200: its status decides, its body explains. */
  let refusal: Refusal | undefined;
  let opening = true;
  let awaited = true;
  let over = false;
  let letGo: (() => void) | undefined;
  let takeBack: (() => void) | undefined;

  function end(error: S2Error | null): void {
    if (over) return;
    if (error?.code === "server_draining") lease?.connection.retire();
    release();
    events.ended(error);
  }

  function release(): void {
    over = true;
    context.open.delete(end);
    takeBack?.();
    stream?.cancel();
    updateHold();
  }

  function updateHold(): void {
    if (!over && (opening || awaited)) letGo ??= lease?.connection.hold();
    else {
      letGo?.();
      letGo = undefined;
    }
  }

  function refused(): S2Error {
    const { status, headers, body } = refusal as Refusal;
    return errorFromResponse(status, body.bytes(), headers);
  }

  function start(target: URL, granted: Lease): void {
    lease = granted;
    updateHold();
    try {
      const headers = requestHeaders(target, request, options, context.settings, SESSION_HEADERS);
      stream = openRequest(granted, headers, endStream, {
        response(status, received) {
          if (status !== 200) {
            refusal = { status, headers: received, body: createBody(MAX_ERROR_BODY_BYTES) };
            return;
          }
          opening = false;
          updateHold();
          if (stream !== undefined) events.opened(stream.http2);
        },
        data(chunk) {
          if (over) return;
          if (refusal === undefined) events.data(chunk);
          else if (!refusal.body.push(chunk)) end(refused());
        },
        // What was refused is refused, even when the explanation was cut.
        closed: (error) => end(refusal === undefined ? error : refused()),
      });
    } catch (thrown) {
      failSoon(thrown);
    }
  }

  /** For what is known at once: the caller does not have its link yet. */
  function failSoon(thrown: unknown): void {
    const error = s2ErrorFromUnknown(thrown);
    queueMicrotask(() => end(error));
  }

  context.open.add(end);
  try {
    const target = parseTarget(request.url);
    takeBack = context.pool.acquire(target, {
      granted: (granted) => start(target, granted),
      refused: failSoon,
    });
  } catch (thrown) {
    failSoon(thrown);
  }

  return {
    setAwaited(value) {
      if (value === awaited) return;
      awaited = value;
      updateHold();
    },
    retireConnection: () => lease?.connection.retire(),
    cancel() {
      if (!over) release();
    },
  };
}
