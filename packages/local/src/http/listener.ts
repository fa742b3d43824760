import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Certificate } from "./certificate.js";
import { type Exchange, exchangeOverHttp1, exchangeOverHttp2 } from "./exchange.js";
import { keepAlive } from "./keep-alive.js";
import type { Timeouts } from "./timeouts.js";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const MAX_HEADER_BYTES = 16 * 1024;
/** Flow control of HTTP/2, in bytes: of a stream as the service has it; of a connection, enough for many streams. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;
const MAX_STREAMS = 200;
/** MiB of a connection that may wait to be sent; beyond it Node.js refuses streams. A slow reader has a batch or two. */
const MAX_SESSION_MEMORY = 2 * MAX_STREAMS;

/** Connections that may wait to be accepted: Node.js' own limit. A turn of the event loop accepts one, or more. */
const BACKLOG = 511;
/** Turns without a new connection after which there is none that waits. */
const QUIET_TURNS = 3;
/** How often a server that stops looks for connections that have become idle, in milliseconds. */
const SWEEP_MS = 25;

/** A port that speaks HTTP/1.1 and HTTP/2: with prior knowledge, or as agreed on in TLS. */
export interface Listener {
  readonly port: number;
  /** Takes no more connections but those that have come already, and no more requests on those that are idle. */
  stop(): void;
  /** Cuts every connection. */
  destroy(): void;
  /** Resolves when all connections are gone. */
  readonly closed: Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Whether the listening port keeps the process running. */
  readonly keepAlive: boolean;
  /** Speaks TLS with this certificate. */
  readonly certificate: Certificate | undefined;
  readonly timeouts: Timeouts;
}

/** Listens, and hands every request to `serve`. @throws Error of `node:net`, for example when the port is taken. */
export async function listen(options: ListenOptions, serve: (exchange: Exchange) => void): Promise<Listener> {
  const sessions = new Set<http2.ServerHttp2Session>();
  const sockets = new Set<Socket>();
  /** Connections that have not said yet which protocol they speak. */
  const silent = new Set<Socket>();
  let accepting: Socket | undefined;
  /** Whether there was a new connection since somebody looked. */
  let arrived = false;
  const http1Server = createHttp1Server(serve, options);
  const http2Server = createHttp2Server(serve, options.timeouts, sessions, () => accepting);
  // The HTTP/1.1 server owns the port, so its own bookkeeping of slow and idle connections works.
  const ready = options.certificate === undefined ? "connection" : "secureConnection";
  const [acceptHttp1] = http1Server.listeners(ready) as ((socket: Socket) => void)[];
  http1Server.removeAllListeners(ready);

  function hold(socket: Socket): void {
    arrived = true;
    sockets.add(socket);
    silent.add(socket);
    // Requests that wait behind each other each want to know.
    socket.setMaxListeners(0);
    socket.once("close", () => {
      sockets.delete(socket);
      silent.delete(socket);
    });
  }

  function accept(socket: Socket, isHttp2: boolean): void {
    silent.delete(socket);
    if (isHttp2) {
      // HTTP/2 has no half-closed connections.
      socket.once("end", () => socket.destroy());
      // The session is made, and announced, while this lasts.
      accepting = socket;
      http2Server.emit("connection", socket);
      accepting = undefined;
    } else acceptHttp1?.call(http1Server, socket);
  }

  http1Server.on("connection", (socket: Socket) => {
    hold(socket);
    if (options.certificate === undefined) {
      sniff(socket, options.timeouts.helloMs, (isHttp2) => accept(socket, isHttp2));
    }
  });
  http1Server.on("secureConnection", (socket: TLSSocket) => {
    // The handshake was on a socket of its own, which is known by its peer.
    for (const raw of silent) if (raw.remotePort === socket.remotePort) silent.delete(raw);
    hold(socket);
    accept(socket, socket.alpnProtocol === "h2");
  });
  await new Promise<void>((resolve, reject) => {
    http1Server.once("error", reject);
    http1Server.listen({ host: options.host, port: options.port, exclusive: true }, () => {
      http1Server.off("error", reject);
      resolve();
    });
  });
  function stopNow(): void {
    http1Server.close();
    http1Server.closeIdleConnections();
    for (const session of sessions) session.close();
    // Who has said nothing by now has nothing to lose.
    for (const socket of silent) socket.destroySoon();
    // What was being answered keeps its connection, which is idle then.
    const sweep = setInterval(() => http1Server.closeIdleConnections(), SWEEP_MS);
    sweep.unref();
    http1Server.once("close", () => clearInterval(sweep));
  }

  if (!options.keepAlive) http1Server.unref();
  const closed = new Promise<void>((resolve) => http1Server.once("close", () => resolve()));
  return {
    port: (http1Server.address() as AddressInfo).port,
    stop() {
      // A closed port resets connections that wait to be accepted: so they are, and what they have sent is read.
      let quietTurns = 0;
      let turns = 0;
      const turn = (): void => {
        quietTurns = arrived ? 0 : quietTurns + 1;
        arrived = false;
        turns += 1;
        if (quietTurns < QUIET_TURNS && turns < BACKLOG) setImmediate(turn);
        else stopNow();
      };
      turn();
    },
    destroy() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
    closed,
  };
}

function createHttp1Server(
  serve: (exchange: Exchange) => void,
  { certificate, timeouts }: ListenOptions,
): http.Server & Server {
  const options: http.ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // A session's request lasts as long as the session.
    requestTimeout: 0,
    headersTimeout: timeouts.headersMs,
    connectionsCheckingInterval: Math.ceil(timeouts.headersMs / 4),
    keepAliveTimeout: 60_000,
    // A peer that has vanished without a word is noticed.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    noDelay: true,
  };
  const server =
    certificate === undefined
      ? http.createServer(options)
      : https.createServer({
          ...options,
          ...certificate,
          ALPNProtocols: ["h2", "http/1.1"],
          handshakeTimeout: timeouts.helloMs,
        });
  server.on("tlsClientError", (_error, socket: TLSSocket) => socket.destroy());
  server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
    response.on("error", () => undefined);
    serve(exchangeOverHttp1(request, response, timeouts));
  });
  server.on("checkContinue", (request: http.IncomingMessage, response: http.ServerResponse) => {
    response.writeContinue();
    server.emit("request", request, response);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${refusalOf(error.code)}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  });
  return server;
}

/** The status of a request that is none, by Node.js' code for what is wrong. */
function refusalOf(code: string | undefined): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
}

function createHttp2Server(
  serve: (exchange: Exchange) => void,
  timeouts: Timeouts,
  sessions: Set<http2.ServerHttp2Session>,
  accepting: () => Socket | undefined,
): http2.Http2Server {
  const server = http2.createServer({
    maxSessionMemory: MAX_SESSION_MEMORY,
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      initialWindowSize: STREAM_WINDOW,
      maxHeaderListSize: MAX_HEADER_BYTES,
    },
  });
  server.on("session", (session) => {
    sessions.add(session);
    const socket = accepting();
    session.on("stream", (stream, headers) => {
      stream.on("error", () => undefined);
      serve(exchangeOverHttp2(stream, headers, socket, timeouts));
    });
    session.setLocalWindowSize(CONNECTION_WINDOW);
    keepAlive(session, timeouts.pingMs);
    session.on("error", () => session.destroy());
    session.once("close", () => sessions.delete(session));
  });
  server.on("sessionError", () => undefined);
  return server;
}

/** Looks at the first bytes of a connection: only HTTP/2 begins with its preface. */
function sniff(socket: Socket, timeoutMs: number, decide: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const onGone = (): void => void socket.destroy();
  const onReadable = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    }
    const length = Math.min(seen.length, PREFACE.length);
    const matches = seen.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (seen.length === 0 || (matches && length < PREFACE.length)) return;
    socket.off("readable", onReadable);
    socket.off("error", onGone);
    socket.off("end", onGone);
    socket.off("timeout", onGone);
    socket.setTimeout(0);
    socket.unshift(seen);
    decide(matches);
  };
  socket.on("error", onGone);
  socket.on("end", onGone);
  socket.setTimeout(timeoutMs, onGone);
  socket.on("readable", onReadable);
}
