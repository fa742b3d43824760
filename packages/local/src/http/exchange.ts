import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Timeouts } from "./timeouts.js";

/** Headers of an answer; names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** What only somebody who wants to break a connection does to it. */
export interface WireControl {
  /** To be called before `open`, if `reset` may come after it: else HTTP/2 would end the body before the reset. */
  armReset(): void;
  /** Resets the stream with this code; over HTTP/1.1 the connection. */
  reset(code: number): void;
  /** Closes the connection without a word. */
  destroy(): void;
  /** Says GOAWAY with this code and closes the connection; over HTTP/1.1 just closes it. */
  goaway(code: number): void;
  /** To be called before a body ends short of its `content-length`: over HTTP/1.1 the connection ends with it. */
  endShort(): void;
  /** Announces that the connection closes when what is open on it is done. */
  announceClose(): void;
}

/** What concerns bodies that have to be complete before they are looked at. */
export type BodyTimeouts = Pick<Timeouts, "bodyMs" | "wholeBodyMs">;

/** One request and its answer, the same over HTTP/1.1 and HTTP/2. */
export interface Exchange {
  readonly method: string;
  /** As received, still percent-encoded. */
  readonly path: string;
  /** Behind the question mark; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The request's body, as received. */
  readonly body: Readable;
  readonly wire: WireControl;
  /** The same object for all exchanges of one connection. */
  readonly connection: object;
  /** How long to wait for the body; without end where there is no peer to distrust. */
  readonly bodyTimeouts: BodyTimeouts | undefined;
  /** Answers at once, with the whole body. */
  send(status: number, headers: AnswerHeaders, body?: Uint8Array | string): void;
  /** Begins an answer whose body is written to what is returned, and ended there. */
  open(status: number, headers: AnswerHeaders): Writable;
  /** Calls back once when the exchange is over, however it ended. */
  onClose(listener: () => void): void;
  /** Ends an exchange whose request may not have been read to its end. */
  finish(): void;
  /** Cuts the exchange off. */
  destroy(): void;
}

/** Splits a request target. */
function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf("?");
  return mark < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/**
 * The peer may be gone before anybody asks: then that is told at once. An answer that waits behind another one on its
 * connection is not told when that closes, so the connection is asked, too.
 */
function onceClosed(stream: Writable, listener: () => void, socket?: Socket): void {
  if (stream.destroyed || socket?.destroyed) {
    queueMicrotask(listener);
    return;
  }
  const over = (): void => {
    stream.off("close", over);
    socket?.off("close", over);
    listener();
  };
  stream.once("close", over);
  socket?.once("close", over);
}

/** What is read and thrown away of a request that nobody wants, in bytes, before its connection is closed. */
const MAX_DISCARDED = 4 * 1024 * 1024;
/** How long a connection lingers for a peer that is still sending, in milliseconds. */
const LINGER_MS = 1_000;

/** An exchange over HTTP/1.1. */
export function exchangeOverHttp1(
  request: IncomingMessage,
  response: ServerResponse,
  bodyTimeouts: BodyTimeouts,
): Exchange {
  return {
    method: request.method ?? "GET",
    ...splitTarget(request.url ?? "/"),
    headers: request.headers,
    body: request,
    connection: request.socket,
    bodyTimeouts,
    get wire() {
      return controlHttp1(request, response);
    },
    send(status, headers, body) {
      if (response.headersSent || response.destroyed) return;
      const length = body === undefined ? 0 : Buffer.byteLength(body);
      response.writeHead(status, { ...headers, "content-length": String(length) });
      response.end(body);
      if (!request.complete) discardRest(request, bodyTimeouts.bodyMs);
    },
    open(status, headers) {
      response.writeHead(status, headers);
      response.flushHeaders();
      return response;
    },
    onClose: (listener) => onceClosed(response, listener, request.socket),
    finish() {
      if (!response.writableEnded) response.end();
      // What has arrived is parsed first: most requests are complete by then, and their connection lives on.
      response.once("finish", () => setImmediate(() => request.complete || endAndDiscard(request)));
    },
    destroy: () => void request.socket.destroy(),
  };
}

/** Reads a request that has been answered to its end, within bounds of size and time. */
function discardRest(request: IncomingMessage, timeoutMs: number): void {
  const { socket } = request;
  let discarded = 0;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED) socket.destroy();
  });
  request.resume();
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}

/**
 * Closing a connection on which bytes are unread would reset it, and could cost the peer the answer: so our side is
 * ended first, and the rest is thrown away.
 */
function endAndDiscard(request: IncomingMessage): void {
  request.socket.end();
  discardRest(request, LINGER_MS);
}

function controlHttp1({ socket }: IncomingMessage, response: ServerResponse): WireControl {
  return {
    armReset: () => undefined,
    reset: () => void socket.resetAndDestroy(),
    destroy: () => void socket.destroy(),
    goaway: () => void socket.destroy(),
    endShort: () => void response.once("finish", () => socket.end()),
    announceClose() {
      response.shouldKeepAlive = false;
      response.once("finish", () => socket.end());
    },
  };
}

/** An exchange over HTTP/2, on a connection of this socket. */
export function exchangeOverHttp2(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  socket: Socket | undefined,
  bodyTimeouts: BodyTimeouts,
): Exchange {
  let isResettable = false;
  const isHead = headers[":method"] === "HEAD";
  return {
    method: String(headers[":method"] ?? "GET"),
    ...splitTarget(String(headers[":path"] ?? "/")),
    headers,
    body: stream,
    connection: socket ?? stream,
    bodyTimeouts,
    get wire() {
      const arm = (): void => {
        isResettable = true;
      };
      return controlHttp2(stream, socket, arm);
    },
    send(status, answer, body) {
      if (stream.destroyed || stream.headersSent) return;
      const length = String(body === undefined ? 0 : Buffer.byteLength(body));
      stream.respond(
        { ":status": status, ...answer, "content-length": length },
        { endStream: body === undefined || isHead },
      );
      if (body !== undefined && !isHead) stream.end(body);
      this.finish();
    },
    open(status, answer) {
      if (stream.destroyed) return stream;
      stream.respond({ ":status": status, ...answer }, { waitForTrailers: isResettable });
      if (isResettable) stream.on("wantTrailers", () => stream.closed || stream.sendTrailers({}));
      return stream;
    },
    onClose: (listener) => onceClosed(stream, listener),
    finish() {
      if (!stream.writableEnded && !stream.destroyed) stream.end();
      if (stream.readableEnded || stream.destroyed) return;
      // The rest of the request is of no interest: the peer is told so once the answer is out.
      const close = (): void => {
        if (!stream.destroyed && !stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
      };
      // Node 22 drops the headers of an answer without a body when the reset is asked for in the same turn.
      const closeSoon = (): void => void setImmediate(close);
      if (stream.writableFinished) closeSoon();
      else stream.once("finish", closeSoon);
      stream.resume();
    },
    destroy: () => void stream.close(constants.NGHTTP2_CANCEL),
  };
}

function controlHttp2(
  stream: ServerHttp2Stream,
  socket: Socket | undefined,
  armReset: () => void,
): WireControl {
  return {
    // A stream that waits for trailers does not say END_STREAM before it is reset.
    armReset,
    reset: (code) => stream.close(code),
    destroy: () => void (socket ?? stream.session)?.destroy(),
    goaway: (code) => stream.session?.destroy(new Error("broken off on purpose"), code),
    endShort: () => undefined,
    announceClose: () => stream.session?.close(),
  };
}
