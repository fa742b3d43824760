import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What a test answers to a request whose body has come. */
export type Handler = (call: ServerCall) => void;

export interface ServerCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly socket: Socket;
  /** Resolves when the client has gone away before the answer was complete. */
  readonly abandoned: Promise<void>;
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  /** Connections open now. */
  readonly open: number;
  /** Connections accepted so far. */
  readonly connections: number;
}

/** A plain HTTP/1.1 server on a free port of the loopback interface. */
export async function startHttpServer(handle: Handler): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const abandoned = new Promise<void>((resolve) => {
      response.on("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    request.on("error", () => {});
    response.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      handle({ request, response, body: Buffer.concat(chunks), socket: request.socket, abandoned });
    });
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get open() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
