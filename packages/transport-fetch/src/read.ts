/**
 * S2 over the runtime's own `fetch`, for programs that only read: the transport without the half that appends.
 *
 * @packageDocumentation
 */
import { S2Error } from "@s2-dev/streamstore-core/client";
import type { AppendEvents, AppendLink, Transport } from "@s2-dev/streamstore-core/transport";
import { createGlobalRuntime } from "./global-runtime.js";
import { readLinksBy } from "./read-link.js";
import { checkOptions, type FetchTransportOptions } from "./settings.js";
import { sseReads } from "./sse-reads.js";
import { createTransport } from "./transport.js";

export type { FetchLike } from "./runtime.js";

/** What is fixed for one reading transport. */
export type FetchReaderOptions = Pick<FetchTransportOptions, "fetch" | "userAgent">;

/**
 * Creates a transport for unary calls and reads as server-sent events. Append links end with `UNSUPPORTED` at once.
 *
 * @throws S2Error `INVALID_ARGUMENT` for a bad option.
 */
export function createFetchReader(options: FetchReaderOptions = {}): Transport {
  checkOptions(options);
  return createTransport(createGlobalRuntime(options), {
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
