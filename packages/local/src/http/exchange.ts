import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import type { Readable, Writable } from "node:stream";

/** Headers of an answer; names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string>>;

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

/** The peer may be gone before anybody asks: then that is told at once. */
function onceClosed(stream: Writable, listener: () => void): void {
  if (stream.destroyed) queueMicrotask(listener);
  else stream.once("close", listener);
}

/** What is read and thrown away of a request that nobody wants, in bytes, before its connection is closed. */
const MAX_DISCARDED = 4 * 1024 * 1024;
/** How long a connection lingers for a peer that is still sending, in milliseconds. */
const LINGER_MS = 1_000;

/** An exchange over HTTP/1.1. */
export function exchangeOverHttp1(request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    method: request.method ?? "GET",
    ...splitTarget(request.url ?? "/"),
    headers: request.headers,
    body: request,
    send(status, headers, body) {
      if (response.headersSent || response.destroyed) return;
      const length = body === undefined ? 0 : Buffer.byteLength(body);
      response.writeHead(status, { ...headers, "content-length": String(length) });
      response.end(body);
      if (!request.complete) discardRest(request, false);
    },
    open(status, headers) {
      response.writeHead(status, headers);
      response.flushHeaders();
      return response;
    },
    onClose: (listener) => onceClosed(response, listener),
    finish() {
      if (!response.writableEnded) response.end();
      // What has arrived is parsed first: most requests are complete by then, and their connection lives on.
      response.once("finish", () => setImmediate(() => request.complete || discardRest(request, true)));
    },
    destroy: () => void request.socket.destroy(),
  };
}

/**
 * Reads a request that has been answered to its end, within bounds. Closing a connection on which bytes are unread
 * would reset it, and could cost the peer the answer: so our side is ended first, and the rest is thrown away.
 */
function discardRest(request: IncomingMessage, close: boolean): void {
  const { socket } = request;
  let discarded = 0;
  request.on("data", (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED) socket.destroy();
  });
  request.resume();
  if (!close) return;
  socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}

/** An exchange over HTTP/2. */
export function exchangeOverHttp2(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Exchange {
  const isHead = headers[":method"] === "HEAD";
  return {
    method: String(headers[":method"] ?? "GET"),
    ...splitTarget(String(headers[":path"] ?? "/")),
    headers,
    body: stream,
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
      if (!stream.destroyed) stream.respond({ ":status": status, ...answer });
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
      if (stream.writableFinished) close();
      else stream.once("finish", close);
      stream.resume();
    },
    destroy: () => void stream.close(constants.NGHTTP2_CANCEL),
  };
}
