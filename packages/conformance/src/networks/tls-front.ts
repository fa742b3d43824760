import { connect } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { SERVER_CERT, SERVER_KEY } from "./certificates.js";
import { join, listenOnLoopback, type NetworkNode } from "./sockets.js";

/** What ends TLS in front of a server: `ALPNProtocols` says what it negotiates, none if it is left out. */
export function startTlsFront(serverPort: number, options: TlsOptions = {}): Promise<NetworkNode> {
  const front = createServer({ cert: SERVER_CERT, key: SERVER_KEY, ...options }, (socket) => {
    join(socket, connect(serverPort, "127.0.0.1"));
  });
  front.on("tlsClientError", () => undefined);
  return listenOnLoopback(front);
}
