import { S2Error } from "@s2-dev/streamstore-core/client";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import type { FetchContext } from "./context.js";
import { exchange } from "./exchange.js";
import type { OpenAppend, OpenRead } from "./protocols.js";
import type { FetchRuntime } from "./runtime.js";

/** How a transport carries sessions. */
export interface Links {
  readonly openRead: OpenRead;
  readonly openAppend: OpenAppend;
}

/** A transport over what the runtime supplies; how it carries sessions is passed in, since not every one does all. */
export function createTransport(runtime: FetchRuntime, links: Links): Transport {
  const context: FetchContext = { runtime, open: new Set(), closed: false };
  return {
    name: "fetch",
    exchange: (request, attempt) => exchange(request, attempt, context),
    openAppend: (request, events, attempt) => links.openAppend(request, events, attempt, context),
    openRead: (request, format, attempt) => links.openRead(request, format, attempt, context),
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
