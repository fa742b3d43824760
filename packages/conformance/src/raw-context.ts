import type { AppendAck } from "@s2-dev/streamstore-core";
import { checkAnswer } from "./answers.js";
import { Cleanup } from "./cleanup.js";
import { freshBasinName, freshStreamName } from "./names.js";
import { RawClient, type RawExchange, type RawRequest, type RawResponse } from "./raw/http.js";
import { openSession, type RawSession } from "./raw/s2s.js";
import type { Server } from "./servers/server.js";
import type { Pair, RawWire } from "./targets.js";

type Headers = Readonly<Record<string, string>>;

/** A stream by its routes. */
export interface RawStream {
  readonly basin: string;
  readonly name: string;
  /** Of its configuration. */
  readonly path: string;
  /** Of its records, without a query. */
  readonly records: string;
  /** Posts a JSON body; a string is sent as it is. */
  append(input: unknown, headers?: Headers): Promise<RawResponse>;
  /** Posts records that must be taken. */
  appended(...bodies: readonly string[]): Promise<AppendAck>;
  read(query: string, headers?: Headers): Promise<RawResponse>;
  /** A read that stays open, as SSE. */
  events(query: string, headers?: Headers): Promise<RawExchange>;
  appendSession(headers?: Headers): Promise<RawSession>;
  readSession(query: string, headers?: Headers): Promise<RawSession>;
  tail(): Promise<RawResponse>;
}

/** What a behaviour of the service works with; basins it makes are removed afterwards. */
export interface RawContext {
  readonly pair: Pair<RawWire>;
  readonly origin: string;
  readonly http: RawClient;
  /** Creates a basin under a fresh name, and gives the name. */
  basin(config?: unknown): Promise<string>;
  /** Creates a stream in a fresh basin. */
  stream(config?: unknown): Promise<RawStream>;
  /** Creates a stream under a fresh name in this basin. */
  streamIn(basin: string, config?: unknown): Promise<RawStream>;
  /** The routes of a stream, which may not exist. */
  routes(basin: string, stream: string): RawStream;
  /** Undoes something after the behaviour. */
  afterwards(step: () => Promise<unknown>): void;
}

export function createRawContext(
  pair: Pair<RawWire>,
  server: Server,
): { context: RawContext; cleanup: Cleanup } {
  const cleanup = new Cleanup();
  const http = new RawClient(server.origin, pair.wire, checkShape);
  cleanup.add(() => http.close());
  const context: RawContext = {
    pair,
    origin: server.origin,
    http,
    async basin(config) {
      const basin = freshBasinName();
      mustBe(
        201,
        await http.json("POST", "/v1/basins", config === undefined ? { basin } : { basin, config }),
      );
      cleanup.add(() => http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
      return basin;
    },
    async stream(config) {
      return context.streamIn(await context.basin(), config);
    },
    async streamIn(basin, config) {
      const stream = freshStreamName();
      const body = config === undefined ? { stream } : { stream, config };
      mustBe(201, await http.json("POST", "/v1/streams", body, { "s2-basin": basin }));
      return context.routes(basin, stream);
    },
    routes: (basin, stream) => routesOf(http, basin, stream),
    afterwards: (step) => cleanup.add(step),
  };
  return { context, cleanup };
}

function routesOf(http: RawClient, basin: string, name: string): RawStream {
  const path = `/v1/streams/${encodeURIComponent(name)}`;
  const records = `${path}/records`;
  const own = { "s2-basin": basin };
  const query = (text: string): string => (text === "" ? records : `${records}?${text}`);
  const append = (input: unknown, headers?: Headers): Promise<RawResponse> =>
    http.json("POST", records, input, { ...own, ...headers });
  return {
    basin,
    name,
    path,
    records,
    append,
    async appended(...bodies) {
      const response = await append({ records: bodies.map((body) => ({ body })) });
      return mustBe(200, response).json<AppendAck>();
    },
    read: (text, headers) => http.get(query(text), { ...own, ...headers }),
    events: (text, headers) =>
      http.open({
        method: "GET",
        path: query(text),
        headers: { accept: "text/event-stream", ...own, ...headers },
      }),
    appendSession: (headers) =>
      openSession(http, { method: "POST", path: records, headers: { ...own, ...headers } }),
    readSession: (text, headers) =>
      openSession(http, { method: "GET", path: query(text), headers: { ...own, ...headers } }),
    tail: () => http.get(`${records}/tail`, own),
  };
}

function checkShape({ method, path }: RawRequest, { status, headers, body }: RawResponse): void {
  if (method === "HEAD" || headers["content-encoding"] !== undefined) return;
  checkAnswer({ method, path, status, contentType: headers["content-type"], body });
}

/** Fails unless the answer has this status; for steps that a behaviour needs and is not about. */
export function mustBe(status: number, response: RawResponse): RawResponse {
  if (response.status === status) return response;
  throw new Error(`Status ${status} was due, and ${response.status} came: ${response.text.slice(0, 300)}`);
}
