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

/** An exchange over HTTP/1.1. */
export function exchangeOverHttp1(request: IncomingMessage, response: ServerResponse): Exchange {
  const { socket } = request;
  const exchange: Exchange = {
    method: request.method ?? "GET",
    ...splitTarget(request.url ?? "/"),
    headers: request.headers,
    body: request,
    send(status, headers, body) {
      if (response.headersSent) return;
      response.writeHead(status, {
        ...headers,
        "content-length": String(body === undefined ? 0 : Buffer.byteLength(body)),
      });
      response.end(body);
      // A request that was refused unread cannot be followed by another on this connection.
      if (!request.complete) exchange.finish();
    },
    open(status, headers) {
      response.writeHead(status, headers);
      response.flushHeaders();
      return response;
    },
    onClose: (listener) => void response.once("close", listener),
    finish() {
      if (!response.writableEnded) response.end();
      if (request.complete) return;
      response.once("finish", () => socket.destroySoon());
      request.resume();
    },
    destroy: () => void socket.destroy(),
  };
  return exchange;
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
    onClose: (listener) => void stream.once("close", listener),
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
