import { S2Error } from "@s2-dev/streamstore-core/client";
import type { AppendEvents, AppendLink, Transport } from "@s2-dev/streamstore-core/transport";
import { createGlobalRuntime } from "./global-runtime.js";
import { readLinksBy } from "./read-link.js";
import type { FetchRuntime } from "./runtime.js";
import { checkOptions, type FetchTransportOptions } from "./settings.js";
import { sseReads } from "./sse-reads.js";
import { createTransport } from "./transport.js";

/** What is fixed for one reading transport. */
export type FetchReaderOptions = Pick<FetchTransportOptions, "fetch" | "userAgent">;

/** Makes the transport of `./read`, for a runtime that tells of failures in its way. */
export function makeFetchReader(
  options: FetchReaderOptions,
  errorFrom: FetchRuntime["errorFrom"],
): Transport {
  checkOptions(options);
  return createTransport(createGlobalRuntime(options, errorFrom), {
    openRead: readLinksBy(sseReads),
    openAppend: refuseAppend,
  });
}

function refuseAppend(_request: unknown, events: AppendEvents): AppendLink {
  let aborted = false;
  queueMicrotask(() => {
    const message = "This transport only reads; use createFetchTransport to append";
    if (!aborted) events.ended(new S2Error({ message, code: "UNSUPPORTED", sideEffect: "none" }));
  });
  return {
    started: 0,
    send: () => false,
    finish() {},
    abort() {
      aborted = true;
    },
  };
}
