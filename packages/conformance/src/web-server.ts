import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { nodeListener } from "../../../examples/patterns/src/node-listener.js";
import type { SdkContext } from "./sdk-context.js";

/** An HTTP server on loopback around a handler of web standards. */
export interface WebServer {
  readonly url: string;
  /** Connections that are open. */
  readonly connections: number;
  /** Requests so far. */
  readonly requests: number;
  /** Cuts every connection off. */
  cut(): void;
}

/** Serves until the behaviour is over. */
export async function serveWeb(
  ctx: SdkContext,
  handle: (request: Request) => Promise<Response>,
): Promise<WebServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const listener = nodeListener(handle);
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    listener(incoming, outgoing);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  ctx.afterwards(async () => {
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    get connections() {
      return sockets.size;
    },
    get requests() {
      return requests;
    },
    cut,
  };
}
