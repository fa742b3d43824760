import type { Compressor } from "./compression.js";
import { sendByFetch } from "./fetch-call.js";
import { fetchFields, isBrowser } from "./fetch-fields.js";
import type { FetchLike, FetchRuntime } from "./runtime.js";
import { DEFAULT_USER_AGENT, type FetchTransportOptions } from "./settings.js";

/** The runtime's own `fetch`, or an injected one: browsers, workers, Bun, Deno. */
export function createGlobalRuntime(
  options: FetchTransportOptions,
  errorFrom: FetchRuntime["errorFrom"],
  compressor?: Compressor | undefined,
): FetchRuntime {
  // The global one is looked up at each call, since tests and monitors replace it, and called without a `this`, which
  // browsers demand.
  const fetch: FetchLike = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  let fields: RequestInit | undefined;
  return {
    send(request, events) {
      fields ??= fetchFields(options.fetch !== undefined);
      return sendByFetch(fetch, fields, errorFrom, request, events);
    },
    streamsRequests: undefined,
    headers: isBrowser() ? {} : { "user-agent": options.userAgent ?? DEFAULT_USER_AGENT },
    compressor,
    codec: undefined,
    errorFrom,
    hold: () => noop,
    close: () => Promise.resolve(),
  };
}

function noop(): void {}
