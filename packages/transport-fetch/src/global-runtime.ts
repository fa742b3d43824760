import type { Compressor } from "./compression.js";
import { sendByFetch } from "./fetch-call.js";
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
  const browser = isBrowser();
  let fields: RequestInit | undefined;
  return {
    send(request, events) {
      fields ??= {
        // Frameworks patch `fetch` and keep what it gave; what was read once is not what is there now.
        ...accepted({ cache: "no-store" }),
        ...(browser && options.fetch === undefined ? accepted({ credentials: "omit" }) : {}),
      };
      return sendByFetch(fetch, fields, errorFrom, request, events);
    },
    streamsRequests: undefined,
    headers: browser ? {} : { "user-agent": options.userAgent ?? DEFAULT_USER_AGENT },
    compressor,
    codec: undefined,
    errorFrom,
    hold: () => noop,
    close: () => Promise.resolve(),
  };
}

/** Browsers are the only ones that name a Mozilla; they ask permission across origins for a `user-agent` of ours. */
function isBrowser(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: unknown } };
  return typeof navigator?.userAgent === "string" && navigator.userAgent.startsWith("Mozilla/");
}

/** The fields, unless the runtime refuses them, as workers do with some. */
function accepted(fields: RequestInit): RequestInit {
  try {
    new Request("https://localhost/", fields);
    return fields;
  } catch {
    return {};
  }
}

function noop(): void {}
