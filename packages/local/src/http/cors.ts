import type { AnswerHeaders, Exchange } from "./exchange.js";

/** Headers of answers that browser code may read. */
const EXPOSED = ["s2-provision-result", "retry-after-ms", "content-encoding"].join(",");
const VARY = "origin, access-control-request-method, access-control-request-headers";

/**
 * Lets any page use the server: origin, method and headers are mirrored, credentials allowed.
 * @returns an exchange whose answers say so, or `undefined` when the request was a preflight and is answered.
 */
export function withCors(exchange: Exchange): Exchange | undefined {
  const { origin } = exchange.headers;
  const common = cors(origin);
  if (exchange.method === "OPTIONS") {
    const methods = exchange.headers["access-control-request-method"];
    const headers = exchange.headers["access-control-request-headers"];
    exchange.send(200, {
      ...common,
      ...(methods === undefined ? {} : { "access-control-allow-methods": methods }),
      ...(headers === undefined ? {} : { "access-control-allow-headers": headers }),
    });
    return undefined;
  }
  return {
    method: exchange.method,
    path: exchange.path,
    query: exchange.query,
    headers: exchange.headers,
    body: exchange.body,
    connection: exchange.connection,
    bodyTimeouts: exchange.bodyTimeouts,
    get wire() {
      return exchange.wire;
    },
    send: (status, headers, body) => exchange.send(status, merge(common, headers), body),
    open: (status, headers) => exchange.open(status, merge(common, headers)),
    onClose: (listener) => exchange.onClose(listener),
    finish: () => exchange.finish(),
    destroy: () => exchange.destroy(),
  };
}

function cors(origin: string | undefined): AnswerHeaders {
  return {
    ...(origin === undefined ? {} : { "access-control-allow-origin": origin }),
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": EXPOSED,
    vary: VARY,
  };
}

function merge(common: AnswerHeaders, own: AnswerHeaders): AnswerHeaders {
  const vary = own.vary === undefined ? VARY : `${VARY}, ${own.vary}`;
  return { ...common, ...own, vary };
}
