import type { Exchange } from "./exchange.js";

/** A request, and how its answer began. */
export interface AnsweredRequest {
  /** The method of HTTP. */
  readonly method: string;
  /** With its query, still percent-encoded. */
  readonly target: string;
  /** The status of the answer. */
  readonly status: number;
  /** Milliseconds until the answer began. */
  readonly millis: number;
}

/** The exchange, which tells when its answer begins. */
export function observed(
  exchange: Exchange,
  now: () => number,
  tell: (request: AnsweredRequest) => void,
): Exchange {
  const start = now();
  const { method, path, query } = exchange;
  let told = false;
  const answered = (status: number): void => {
    if (told) return;
    told = true;
    tell({ method, target: query === "" ? path : `${path}?${query}`, status, millis: now() - start });
  };
  return {
    method,
    path,
    query,
    headers: exchange.headers,
    body: exchange.body,
    connection: exchange.connection,
    bodyTimeouts: exchange.bodyTimeouts,
    get wire() {
      return exchange.wire;
    },
    send(status, headers, body) {
      answered(status);
      exchange.send(status, headers, body);
    },
    open(status, headers) {
      answered(status);
      return exchange.open(status, headers);
    },
    onClose: (listener) => exchange.onClose(listener),
    finish: () => exchange.finish(),
    destroy: () => exchange.destroy(),
  };
}
