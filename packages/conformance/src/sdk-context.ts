import {
  type BasinConfig,
  S2,
  type S2Basin,
  type S2ClientOptions,
  type S2Stream,
  type StreamConfig,
} from "@s2-dev/streamstore";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import { checkAnswer } from "./answers.js";
import { Cleanup } from "./cleanup.js";
import { freshBasinName, freshStreamName } from "./names.js";
import type { Server } from "./servers/server.js";
import { isBuiltIn, type Pair, type SdkWire, type SocketWire } from "./targets.js";
import { createTransport, streamOver } from "./wires.js";

/** What a behaviour of the SDK works with; everything it makes is removed afterwards. */
export interface SdkContext {
  readonly pair: Pair<SdkWire>;
  readonly origin: string;
  /** The pair's transport, for a client of one's own. */
  readonly transport: Transport;
  /** A client over the pair's transport; the shape of every JSON answer it gets is checked. */
  readonly client: S2;
  /** A further client of the server, on the pair's transport. */
  connect(options?: S2ClientOptions): S2;
  /** Creates a basin under a fresh name. */
  basin(config?: BasinConfig): Promise<S2Basin>;
  /** Creates a stream in a fresh basin; its handle forces the pair's built-in transport. */
  stream(config?: StreamConfig): Promise<S2Stream>;
  /** Creates a stream under a fresh name in this basin. */
  streamIn(basin: S2Basin, config?: StreamConfig): Promise<S2Stream>;
  /** A handle of a stream, over the pair's built-in transport. */
  handle(basin: S2Basin, stream: string): S2Stream;
  /** Undoes something after the behaviour. */
  afterwards(step: () => Promise<unknown>): void;
}

export function createSdkContext(
  pair: Pair<SdkWire>,
  server: Server,
): { context: SdkContext; cleanup: Cleanup } {
  const cleanup = new Cleanup();
  const { origin } = server;
  const options: S2ClientOptions = {
    accessToken: "ignored",
    endpoints: { account: origin, basin: origin },
    // The machine may be busy; what a deadline does is shown under faults.
    requestTimeoutMillis: 60_000,
  };
  const inProcess = pair.wire === "in-process" ? transportOf(server) : undefined;
  const transport = inProcess ?? createTransport(pair.wire as SocketWire);
  // The server's own lives as long as the server.
  if (inProcess === undefined) cleanup.add(() => transport.close());
  const connect = (more?: S2ClientOptions): S2 => {
    const own = isBuiltIn(pair.wire) ? {} : { transport };
    const client = new S2({ ...options, ...own, ...more });
    cleanup.add(() => client.close());
    return client;
  };
  const client = connect({ transport: checkingAnswers(transport) });
  const handle = (basin: S2Basin, stream: string): S2Stream => streamOver(pair.wire, basin, stream);
  const context: SdkContext = {
    pair,
    origin,
    transport,
    client,
    connect,
    async basin(config) {
      const name = freshBasinName();
      await client.basins.create({ basin: name, ...(config === undefined ? {} : { config }) });
      cleanup.add(() => client.basins.delete({ basin: name }));
      return client.basin(name);
    },
    async stream(config) {
      return context.streamIn(await context.basin(), config);
    },
    async streamIn(basin, config) {
      const stream = freshStreamName();
      await basin.streams.create({ stream, ...(config === undefined ? {} : { config }) });
      return handle(basin, stream);
    },
    handle,
    afterwards: (step) => cleanup.add(step),
  };
  return { context, cleanup };
}

function transportOf({ name, transport }: Server): Transport {
  if (transport === undefined) throw new Error(`${name} is not in this process`);
  return transport;
}

/** The same transport; an answer of the wrong shape fails the call. */
function checkingAnswers(transport: Transport): Transport {
  return {
    name: transport.name,
    async exchange(request, options) {
      const response = await transport.exchange(request, options);
      checkAnswer({
        method: request.method,
        path: new URL(request.url).pathname,
        status: response.status,
        contentType: response.headers["content-type"],
        body: response.body,
      });
      return response;
    },
    openAppend: (request, events, options) => transport.openAppend(request, events, options),
    openRead: (request, format, options) => transport.openRead(request, format, options),
    close: () => transport.close(),
  };
}
