import type { RawWire } from "../targets.js";
import { connectHttp1 } from "./http1.js";
import { connectHttp2 } from "./http2.js";

/** A request as it shall go over the wire; nothing is added but what HTTP itself demands. */
export interface RawRequest {
  readonly method: string;
  /** With its query; not encoded any further. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/** An answer whose body may still be on its way, and whose request may still be open. */
export interface RawExchange {
  readonly status: number;
  /** Names in lower case; of duplicates, joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Writes more of the request's body. */
  write(bytes: Uint8Array): void;
  /** Ends the request's body. */
  end(): void;
  /** The body of the answer; fails when it is cut off. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets go of the exchange in any state. */
  abort(): void;
}

/** A whole answer. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly text: string;
  /** The body as JSON; fails when it is none. */
  json<T = unknown>(): T;
}

/** What each version of HTTP supplies. */
export interface RawConnection {
  /** Sends the head, and the body if there is one; resolves with the answer's head. Without a body the request stays open. */
  open(request: RawRequest): Promise<RawExchange>;
  close(): Promise<void>;
}

/** A plain HTTP client: no retries, no encoding, no opinion. */
export class RawClient {
  readonly #connection: RawConnection;
  readonly #observe: (request: RawRequest, response: RawResponse) => void;

  constructor(origin: string, wire: RawWire, observe: (request: RawRequest, response: RawResponse) => void) {
    this.#connection = wire === "http/2" ? connectHttp2(origin) : connectHttp1(origin);
    this.#observe = observe;
  }

  /** A whole exchange. */
  async send(request: RawRequest): Promise<RawResponse> {
    const exchange = await this.#connection.open({ ...request, body: request.body ?? "" });
    const chunks: Uint8Array[] = [];
    for await (const chunk of exchange.chunks) chunks.push(chunk);
    const response = wholeResponse(exchange, Buffer.concat(chunks));
    this.#observe(request, response);
    return response;
  }

  /** An exchange of which both directions are used while they are open. GET ends its request at once. */
  open(request: RawRequest): Promise<RawExchange> {
    return this.#connection.open(
      request.method === "GET" ? { ...request, body: request.body ?? "" } : request,
    );
  }

  get(path: string, headers?: RawRequest["headers"]): Promise<RawResponse> {
    return this.send({ method: "GET", path, headers });
  }

  /** A request with a JSON body; a string is sent as it is. */
  json(method: string, path: string, value: unknown, headers?: RawRequest["headers"]): Promise<RawResponse> {
    const body = typeof value === "string" ? value : JSON.stringify(value);
    return this.send({ method, path, headers: { "content-type": "application/json", ...headers }, body });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function wholeResponse({ status, headers }: RawExchange, body: Uint8Array): RawResponse {
  const text = new TextDecoder().decode(body);
  return {
    status,
    headers,
    body,
    text,
    json: <T>() => {
      try {
        return JSON.parse(text) as T;
      } catch {
        throw new Error(`Status ${status}, not JSON: ${JSON.stringify(text.slice(0, 200))}`);
      }
    },
  };
}
