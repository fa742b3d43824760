import { Writable } from "node:stream";
import type { Exchange } from "./exchange.js";

/** The exchange of a HEAD request, answered like a GET but for the body. */
export function headExchange(exchange: Exchange): Exchange {
  return {
    method: "GET",
    path: exchange.path,
    query: exchange.query,
    headers: exchange.headers,
    body: exchange.body,
    connection: exchange.connection,
    bodyTimeouts: exchange.bodyTimeouts,
    get wire() {
      return exchange.wire;
    },
    send: (status, headers, body) => exchange.send(status, headers, body),
    open(status, headers) {
      exchange.open(status, headers).end();
      return new Writable({ write: (_chunk, _encoding, done) => done() });
    },
    onClose: (listener) => exchange.onClose(listener),
    finish: () => exchange.finish(),
    destroy: () => exchange.destroy(),
  };
}
