import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, type Socket } from "node:net";
import { SERVER_CERT, SERVER_KEY } from "./certificates.js";
import { join, listenOnLoopback, type NetworkNode } from "./sockets.js";

export interface ProxyOptions {
  /** Serves proxying itself over TLS. */
  readonly secure?: boolean;
  /** `name:password` that it demands. */
  readonly credentials?: string;
  /** Answers so instead of opening a way. */
  readonly refuseWith?: number;
}

/** An HTTP proxy that knows one host, `*.s2.test`, and any port of this machine. */
export interface ConnectProxy extends NetworkNode {
  /** Every `host:port` that a way was asked to, in order. */
  readonly asked: readonly string[];
  /** What it does from now on. */
  behave(options: ProxyOptions): void;
}

export async function startConnectProxy(options: ProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  let current = options;
  const server =
    options.secure === true ? createSecureServer({ cert: SERVER_CERT, key: SERVER_KEY }) : createServer();
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    const target = request.url ?? "";
    asked.push(target);
    const status = current.refuseWith ?? (isAllowed(request, current) ? 200 : 407);
    if (status !== 200 || !/^\w+\.s2\.test:\d+$/.test(target)) {
      client.end(`HTTP/1.1 ${status === 200 ? 502 : status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(target.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      join(client, upstream);
    });
    upstream.on("error", () => client.destroy());
  });
  const node = await listenOnLoopback(server);
  return {
    ...node,
    asked,
    behave(next) {
      current = next;
    },
  };
}

function isAllowed(request: IncomingMessage, { credentials }: ProxyOptions): boolean {
  if (credentials === undefined) return true;
  const expected = `Basic ${Buffer.from(credentials).toString("base64")}`;
  return request.headers["proxy-authorization"] === expected;
}
