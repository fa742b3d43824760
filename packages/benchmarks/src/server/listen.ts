import { createServer as createHttp1 } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Exchange } from "./exchange.js";

/** As s2-lite's, so that no client is measured against windows it would not meet. */
const STREAM_WINDOW = 1 << 20;
const CONNECTION_WINDOW = 16 << 20;
const CONCURRENT_STREAMS = 200;

/** Serves HTTP/1.1 and HTTP/2 with prior knowledge on one port of the loopback. */
export function listen(handle: (exchange: Exchange) => void): Promise<{ port: number; close(): void }> {
  const http1 = createHttp1((request, response) => {
    handle({
      method: request.method ?? "GET",
      url: new URL(request.url ?? "/", "http://bench"),
      headers: request.headers,
      body: request,
      respond: (status, headers) => response.writeHead(status, headers),
    });
  });
  http1.keepAliveTimeout = 60_000;
  const http2 = createHttp2({
    settings: { initialWindowSize: STREAM_WINDOW, maxConcurrentStreams: CONCURRENT_STREAMS },
  });
  http2.on("session", (session) => session.setLocalWindowSize(CONNECTION_WINDOW));
  http2.on("sessionError", () => undefined);
  http2.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    handle({
      method: headers[":method"] ?? "GET",
      url: new URL(headers[":path"] ?? "/", "http://bench"),
      headers,
      body: stream,
      respond(status, answer) {
        if (!stream.destroyed) stream.respond({ ":status": status, ...answer });
        return stream;
      },
    });
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("readable", () => divert(socket, http1, http2));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const close = (): void => {
        server.close();
        for (const socket of sockets) socket.destroy();
      };
      resolve({ port, close });
    });
  });
}

/** The first bytes of an HTTP/2 connection are "PRI"; no HTTP/1.1 method begins so. */
function divert(
  socket: Socket,
  http1: ReturnType<typeof createHttp1>,
  http2: ReturnType<typeof createHttp2>,
): void {
  const head = socket.read() as Buffer | null;
  if (head === null) return void socket.destroy();
  socket.unshift(head);
  (head[0] === 0x50 && head[1] === 0x52 ? http2 : http1).emit("connection", socket);
}
