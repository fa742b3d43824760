import { S2Error, type Transport } from "@s2-dev/streamstore-core/transport";
import { openAppendLink } from "./append-link.js";
import type { S2sContext } from "./context.js";
import { exchange } from "./exchange.js";
import { createPool } from "./pool.js";
import { openReadLink } from "./read-link.js";
import { type S2sTransportOptions, settingsFromOptions } from "./settings.js";

/**
 * Creates a transport over HTTP/2 and the framed s2s protocol: TLS with ALPN for `https:`, prior knowledge for
 * `http:`. Connections are opened on demand, pooled per transport and origin, and never keep the process alive by
 * themselves.
 *
 * @throws S2Error `INVALID_ARGUMENT` for an option out of range, `UNSUPPORTED` for a compression the runtime lacks.
 * @see https://s2.dev/docs/api/records/overview
 */
export function createS2sTransport(options: S2sTransportOptions = {}): Transport {
  const settings = settingsFromOptions(options);
  const context: S2sContext = { settings, pool: createPool(settings), open: new Set() };
  return {
    name: "s2s",
    exchange: (request, attempt) => exchange(request, attempt, context),
    openAppend: (request, events, attempt) => openAppendLink(request, events, attempt, context),
    openRead: (request, format, attempt) => openReadLink(request, format, attempt, context),
    close() {
      const closed = context.pool.close();
      for (const end of [...context.open]) end(transportClosed());
      return closed;
    },
  };
}

function transportClosed(): S2Error {
  return new S2Error({ message: "The transport was closed", code: "SESSION_CLOSED", sideEffect: "possible" });
}
