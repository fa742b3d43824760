import { S2Error, type Transport } from "@s2-dev/streamstore-core/transport";
import type { FetchContext } from "./context.js";
import { exchange } from "./exchange.js";
import type { AppendProtocol, ReadProtocol } from "./protocols.js";
import { openReadLink } from "./read-link.js";
import type { FetchRuntime } from "./runtime.js";

/** A transport over what the runtime supplies; how it reads and appends is passed in, since not every one does all. */
export function createTransport(
  runtime: FetchRuntime,
  reads: ReadProtocol,
  appends: AppendProtocol,
): Transport {
  reads.check();
  appends.check();
  const context: FetchContext = { runtime, reads, appends, open: new Set(), closed: false };
  return {
    name: "fetch",
    exchange: (request, attempt) => exchange(request, attempt, context),
    openAppend: (request, events, attempt) => appends.open(request, events, attempt, context),
    openRead: (request, format, attempt) => openReadLink(request, format, attempt, context),
    async close() {
      context.closed = true;
      for (const end of [...context.open]) end(transportClosed());
      const letGo = runtime.hold();
      try {
        await runtime.close();
      } finally {
        letGo();
      }
    },
  };
}

function transportClosed(): S2Error {
  return new S2Error({ message: "The transport was closed", code: "SESSION_CLOSED", sideEffect: "possible" });
}
