import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { FuzzRequest } from "./fuzz-request.js";
import { sendBytes } from "./http1-peer.js";
import { targetOf } from "./http1-text.js";
import { http2BytesOf } from "./http2-text.js";
import { isStreaming, type Outcome } from "./outcome.js";

/** Node.js gives up requests whose bodies wait, beyond 10 unless told otherwise. */
const MAX_SESSION_MIB = 100;

/** A client of HTTP/2 on one connection, replaced when it goes. */
export class Http2Peer {
  #session: ClientHttp2Session | undefined;

  constructor(private readonly port: number) {}

  /** Sends the request as Node.js would, or, where that refuses to, as the bytes that it would be. */
  async perform(request: FuzzRequest): Promise<Outcome> {
    let stream: ClientHttp2Stream;
    try {
      stream = this.#connected().request(headersOf(request), { endStream: request.body.length === 0 });
    } catch {
      return sendBytes(this.port, http2BytesOf(request), "half-close");
    }
    return outcomeOf(stream, request);
  }

  close(): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.destroyed || this.#session.closed) {
      this.#session = connect(`http://127.0.0.1:${this.port}`, { maxSessionMemory: MAX_SESSION_MIB });
      this.#session.on("error", () => undefined);
    }
    return this.#session;
  }
}

function headersOf(request: FuzzRequest): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    ":method": request.method,
    ":path": targetOf(request),
  };
  for (const [name, value] of request.headers) {
    const known = headers[name];
    headers[name] = known === undefined ? value : [...[known].flat(), value];
  }
  return headers;
}

function outcomeOf(stream: ClientHttp2Stream, request: FuzzRequest): Promise<Outcome> {
  const received: Buffer[] = [];
  let status: number | undefined;
  let contentType = "";
  return new Promise((resolve) => {
    stream.on("error", () => undefined);
    stream.on("response", (headers) => {
      status = Number(headers[":status"]);
      contentType = String(headers["content-type"] ?? "");
    });
    stream.on("data", (chunk: Buffer) => {
      received.push(chunk);
      if (request.method === "GET" && isStreaming(contentType)) stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.once("close", () =>
      resolve({
        statuses: status === undefined ? [] : [status],
        closed: status === undefined,
        body: Buffer.concat(received),
        contentType,
      }),
    );
    if (request.body.length > 0) stream.end(request.body);
  });
}
