import type { ClientHttp2Stream } from "node:http2";
import {
  type AttemptOptions,
  S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { errorFromResponse } from "@s2-dev/streamstore-core/wire";
import { type Body, createBody } from "./body.js";
import type { S2sContext } from "./context.js";
import type { Lease } from "./pool.js";
import { parseTarget, requestHeaders, SESSION_HEADERS } from "./request-headers.js";
import { openRequest, type RequestEvents, type RequestStream } from "./request-stream.js";

/** Of the body of an answer other than 200 no more is kept than this: an error of the service is far shorter. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** What the stream under a link reports: `opened? data* ended`, never before `LinkStream.open` has returned. */
export interface LinkStreamEvents {
  /** Answered with 200. */
  opened(http2: ClientHttp2Stream): void;
  data(chunk: Uint8Array): void;
  /** Exactly once, unless cancelled. `null`: END_STREAM. An answer other than 200 is an error too. */
  ended(error: S2Error | null): void;
}

/** An answer other than 200: its status decides, its body explains. */
interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** The request under a link, from the wish for a connection to the end of the response. */
export class LinkStream {
  readonly #context: S2sContext;
  readonly #events: LinkStreamEvents;
  readonly #end = (error: S2Error | null): void => this.#finish(error);
  #lease: Lease | undefined;
  #stream: RequestStream | undefined;
  #refusal: Refusal | undefined;
  #opening = true;
  #awaited = true;
  #over = false;
  #letGo: (() => void) | undefined;
  #letGoSoon = false;
  #takeBack: (() => void) | undefined;

  private constructor(context: S2sContext, events: LinkStreamEvents) {
    this.#context = context;
    this.#events = events;
  }

  /** Never throws. `endStream`: the request has no body. */
  static open(
    request: WireRequest,
    options: AttemptOptions,
    endStream: boolean,
    context: S2sContext,
    events: LinkStreamEvents,
  ): LinkStream {
    const link = new LinkStream(context, events);
    context.open.add(link.#end);
    try {
      const target = parseTarget(request.url);
      const headers = requestHeaders(target, request, options, context.settings, SESSION_HEADERS);
      link.#takeBack = context.pool.acquire(target, {
        granted(lease) {
          link.#lease = lease;
          link.#updateHold();
          try {
            link.#stream = openRequest(lease, headers, endStream, link.#requestEvents());
          } catch (thrown) {
            link.#failSoon(thrown);
          }
        },
        refused: (error) => link.#failSoon(error),
      });
    } catch (thrown) {
      link.#failSoon(thrown);
    }
    return link;
  }

  /** Whether something is awaited, which keeps the process alive. While the link opens it always is. */
  setAwaited(awaited: boolean): void {
    if (awaited === this.#awaited) return;
    this.#awaited = awaited;
    if (awaited) {
      if (this.#letGo === undefined) this.#updateHold();
      return;
    }
    // Most often the next thing is awaited at once, and each change of a socket's hold costs 1 us.
    if (this.#letGoSoon) return;
    this.#letGoSoon = true;
    if (idleLinks.push(this) === 1) setImmediate(letGoIdleLinks);
  }

  /** Lets the connection go if still nothing is awaited. */
  settleHold(): void {
    this.#letGoSoon = false;
    this.#updateHold();
  }

  /** The connection takes no more requests: the server asked for it. */
  retireConnection(): void {
    this.#lease?.connection.retire();
  }

  /** Resets the request, wherever it is; after `server_draining` its connection takes no more. No event afterwards. */
  cancel(reason: S2Error | null): void {
    if (reason?.code === "server_draining") this.retireConnection();
    if (this.#over) return;
    this.#over = true;
    this.#lease?.connection.gaveUp(reason);
    this.#context.open.delete(this.#end);
    this.#takeBack?.();
    this.#stream?.cancel();
    this.#updateHold();
  }

  #requestEvents(): RequestEvents {
    return {
      response: (status, headers) => {
        if (status !== 200) {
          this.#refusal = { status, headers, body: createBody(MAX_ERROR_BODY_BYTES) };
          return;
        }
        const type = headers["content-type"] ?? "";
        if (isProse(type)) return this.#finish(wrongType(type));
        this.#opening = false;
        this.#updateHold();
        if (this.#stream !== undefined) this.#events.opened(this.#stream.http2);
      },
      data: (chunk) => {
        if (this.#over) return;
        if (this.#refusal === undefined) this.#events.data(chunk);
        else if (!this.#refusal.body.push(chunk)) this.#finish(errorFromRefusal(this.#refusal));
      },
      // What was refused is refused, even when the explanation was cut.
      closed: (error) => this.#finish(this.#refusal === undefined ? error : errorFromRefusal(this.#refusal)),
    };
  }

  #finish(error: S2Error | null): void {
    if (this.#over) return;
    this.cancel(error);
    this.#events.ended(error);
  }

  /** For what is known at once: the caller does not have its link yet. */
  #failSoon(thrown: unknown): void {
    const error = s2ErrorFromUnknown(thrown);
    queueMicrotask(() => this.#finish(error));
  }

  #updateHold(): void {
    if (!this.#over && (this.#opening || this.#awaited)) this.#letGo ??= this.#lease?.connection.hold();
    else {
      this.#letGo?.();
      this.#letGo = undefined;
    }
  }
}

/** Whether an answer is one for people: of a proxy, or of a server that is another one. */
function isProse(type: string): boolean {
  return /^text\/|json/.test(type);
}

/** Nothing is sent before the session is accepted. */
function wrongType(type: string): S2Error {
  return new S2Error({
    message: `A session was answered with ${type} instead of s2s/proto`,
    code: "PROTOCOL_ERROR",
    sideEffect: "none",
  });
}

/** Links that nothing was awaited of a moment ago: one look at all of them, after all that has been received. */
const idleLinks: LinkStream[] = [];

function letGoIdleLinks(): void {
  for (let link = idleLinks.pop(); link !== undefined; link = idleLinks.pop()) link.settleHold();
}

function errorFromRefusal({ status, headers, body }: Refusal): S2Error {
  return errorFromResponse(status, body.bytes(), headers);
}
