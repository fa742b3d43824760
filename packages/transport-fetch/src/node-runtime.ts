import type { Socket } from "node:net";
import type { Agent, buildConnector } from "undici";
import {
  type Compression,
  type Compressor,
  createStreamCompressor,
  refusedCompression,
} from "./compression.js";
import { createGlobalRuntime } from "./global-runtime.js";
import { reporting } from "./reporting-connector.js";
import type { FetchLike, FetchRuntime } from "./runtime.js";
import {
  DEFAULT_CONNECTION_TIMEOUT_MILLIS,
  DEFAULT_USER_AGENT,
  type FetchTransportOptions,
} from "./settings.js";

/** Longer than any process lives; the timer is only there to be held by. */
const FOREVER_MILLIS = 2 ** 31 - 1;

/** Node.js: undici with an agent of its own, loaded at the first call (90 ms), or an injected `fetch`. */
export function createNodeRuntime(options: FetchTransportOptions): FetchRuntime {
  const compression = options.compression ?? "none";
  const base = createGlobalRuntime({ ...options, compression: "none" });
  const shared = {
    init: {},
    headers: {
      "user-agent": options.userAgent ?? DEFAULT_USER_AGENT,
      "accept-encoding": compression === "none" ? "identity" : compression,
    },
    compressor: createNodeCompressor(compression),
    hold: createHold(),
  };
  if (options.fetch !== undefined) return { ...base, ...shared };

  let loading: Promise<Loaded> | undefined;
  let loaded: FetchLike | undefined;
  return {
    ...shared,
    fetch() {
      if (loaded !== undefined) return loaded;
      loading ??= loadUndici(options);
      return loading.then((undici) => {
        loaded = undici.fetch;
        return loaded;
      });
    },
    async close() {
      const undici = await loading?.catch(() => undefined);
      await undici?.agent.destroy();
    },
  };
}

interface Loaded {
  readonly fetch: FetchLike;
  readonly agent: Agent;
}

async function loadUndici(options: FetchTransportOptions): Promise<Loaded> {
  const module = await import("undici");
  // A bundler that splits gives a CommonJS module by its default export only.
  const undici = "buildConnector" in module ? module : (module as { default: typeof module }).default;
  const connect = undici.buildConnector({ timeout: DEFAULT_CONNECTION_TIMEOUT_MILLIS, ...options.connect });
  // Core times answers and silence (contract H.1), so undici must not.
  const agent = new undici.Agent({
    bodyTimeout: 0,
    headersTimeout: 0,
    connect: withoutHold(reporting(connect, options.hooks)),
  });
  const call = undici.fetch as unknown as (url: string, init: object) => Promise<Response>;
  return { agent, fetch: (url, init) => call(url, { ...init, dispatcher: agent }) };
}

/** Sockets that never keep the process alive: undici refs them for each request (contract H.12). */
function withoutHold(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    connect(target, (...result) => {
      const [, socket] = result;
      // Typed as null after a failure, it is undefined.
      if (socket) release(socket);
      callback(...result);
    });
  };
}

function release(socket: Socket): void {
  socket.unref();
  socket.ref = () => socket;
}

/** One timer holds the process for all who wait. */
function createHold(): () => () => void {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  return () => {
    count += 1;
    timer ??= setInterval(() => {}, FOREVER_MILLIS);
    timer.ref();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      count -= 1;
      if (count === 0) timer?.unref();
    };
  };
}

type Encode = (bytes: Uint8Array, done: (error: Error | null, encoded: Uint8Array) => void) => void;

function createNodeCompressor(compression: Compression): Compressor | undefined {
  if (compression !== "zstd") return createStreamCompressor(compression);
  const zlib: object = process.getBuiltinModule("node:zlib");
  if (!hasZstd(zlib)) throw refusedCompression(compression);
  const encode = zlib.zstdCompress;
  return {
    name: "zstd",
    compress: (bytes) =>
      new Promise((resolve, reject) => {
        encode(bytes, (error, encoded) => (error === null ? resolve(encoded) : reject(error)));
      }),
  };
}

function hasZstd(zlib: object): zlib is { zstdCompress: Encode } {
  return "zstdCompress" in zlib;
}
