import type { Compressor } from "./compression.js";
import type { FetchLike, FetchRuntime } from "./runtime.js";
import { DEFAULT_USER_AGENT, type FetchTransportOptions } from "./settings.js";

/** The runtime's own `fetch`, or an injected one: browsers, workers, Bun, Deno. */
export function createGlobalRuntime(
  options: FetchTransportOptions,
  compressor?: Compressor | undefined,
): FetchRuntime {
  const injected = options.fetch;
  // Looked up at each call, since tests and monitors replace it, and called without a `this`, which browsers demand.
  const callGlobal: FetchLike = (url, init) => globalThis.fetch(url, init);
  const browser = isBrowser();
  return {
    fetch: () => injected ?? callGlobal,
    init: browser && injected === undefined ? browserInit() : {},
    headers: browser ? {} : { "user-agent": options.userAgent ?? DEFAULT_USER_AGENT },
    compressor,
    hold: () => noop,
    close: () => Promise.resolve(),
  };
}

/** Browsers are the only ones that name a Mozilla; they ask permission across origins for a `user-agent` of ours. */
function isBrowser(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: unknown } };
  return typeof navigator?.userAgent === "string" && navigator.userAgent.startsWith("Mozilla/");
}

/** Records must come from the service, and cookies are none of its business. Workers refuse these fields. */
function browserInit(): RequestInit {
  const init: RequestInit = { cache: "no-store", credentials: "omit" };
  try {
    new Request("https://localhost/", init);
    return init;
  } catch {
    return {};
  }
}

function noop(): void {}
