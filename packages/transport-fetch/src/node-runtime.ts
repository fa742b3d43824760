import type * as Http from "node:http";
import type { Agent } from "node:http";
import type * as Https from "node:https";
import type * as Zlib from "node:zlib";
import { createConnectionReporter } from "@s2-dev/streamstore-core/transport";
import {
  type Compression,
  type Compressor,
  createStreamCompressor,
  refusedCompression,
} from "./compression.js";
import { createGlobalRuntime } from "./global-runtime.js";
import { errorFromFetch } from "./map-error.js";
import { type NodeDial, sendByNode } from "./node-call.js";
import { tunnelConnections } from "./node-tunnel.js";
import type { FetchRuntime, FrameCodec } from "./runtime.js";
import {
  DEFAULT_CONNECTION_TIMEOUT_MILLIS,
  DEFAULT_USER_AGENT,
  type FetchTransportOptions,
} from "./settings.js";

/** Longer than any process lives; the timer is only there to be held by. */
const FOREVER_MILLIS = 2 ** 31 - 1;

/** Node.js: `node:http` with agents of its own, or an injected `fetch`. */
export function createNodeRuntime(options: FetchTransportOptions): FetchRuntime {
  const compression = options.compression ?? "none";
  const shared = {
    headers: {
      "user-agent": options.userAgent ?? DEFAULT_USER_AGENT,
      "accept-encoding": compression === "none" ? "identity" : compression,
    },
    compressor: createNodeCompressor(compression),
    codec: createFrameCodec(compression),
    errorFrom: errorFromFetch,
    hold: createHold(),
  };
  if (options.fetch !== undefined) {
    return { ...createGlobalRuntime(options, errorFromFetch), ...shared };
  }
  const { dial, close } = createDial(options);
  return {
    ...shared,
    streamsRequests: true,
    send: (request, events) => sendByNode(dial, request, events),
    close,
  };
}

function createDial({ agent, connect, tunnel, hooks }: FetchTransportOptions): {
  dial: NodeDial;
  close(): Promise<void>;
} {
  const { timeout, ...tls } = connect ?? {};
  const timeoutMillis = typeof timeout === "number" ? timeout : DEFAULT_CONNECTION_TIMEOUT_MILLIS;
  const report = hooks && createConnectionReporter(hooks, "fetch", () => performance.now());
  if (agent !== undefined) {
    const given = agent as Agent;
    return {
      dial: { agentFor: () => given, dropIdle() {}, timeoutMillis, unref: false, report },
      close: () => Promise.resolve(),
    };
  }
  const own: [plain?: Agent, secure?: Agent] = [];
  const make = (module: typeof Http | typeof Https): Agent => {
    const made = new module.Agent({ keepAlive: true, ...tls });
    if (tunnel !== undefined) tunnelConnections(made, tunnel, report);
    return made;
  };
  return {
    dial: {
      timeoutMillis,
      report,
      unref: true,
      agentFor(secure) {
        if (secure) {
          own[1] ??= make(process.getBuiltinModule("node:https"));
          return own[1];
        }
        own[0] ??= make(process.getBuiltinModule("node:http"));
        return own[0];
      },
      dropIdle() {
        for (const made of own) {
          for (const sockets of Object.values(made?.freeSockets ?? {})) {
            for (const socket of sockets ?? []) socket.destroy();
          }
        }
      },
    },
    async close() {
      for (const made of own) made?.destroy();
    },
  };
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

interface ZstdZlib {
  readonly zstdCompress: Encode;
  zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

function createNodeCompressor(compression: Compression): Compressor | undefined {
  if (compression !== "zstd") return createStreamCompressor(compression);
  const encode = loadZstd().zstdCompress;
  return {
    name: "zstd",
    compress: (bytes) =>
      new Promise((resolve, reject) => {
        encode(bytes, (error, encoded) => (error === null ? resolve(encoded) : reject(error)));
      }),
  };
}

function createFrameCodec(compression: Compression): FrameCodec | undefined {
  if (compression === "none") return undefined;
  if (compression === "zstd") {
    const zlib = loadZstd();
    return {
      name: "zstd",
      decode: (bytes, maxOutputLength) => zlib.zstdDecompressSync(bytes, { maxOutputLength }),
    };
  }
  const { gunzipSync } = loadZlib();
  return { name: "gzip", decode: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }) };
}

function loadZstd(): ZstdZlib {
  const zlib: object = loadZlib();
  if (!hasZstd(zlib)) throw refusedCompression("zstd");
  return zlib;
}

function hasZstd(zlib: object): zlib is ZstdZlib {
  return "zstdCompress" in zlib && "zstdDecompressSync" in zlib;
}

/** zlib is loaded only by those who compress, and at once, so that a codec the runtime lacks is refused early. */
function loadZlib(): typeof Zlib {
  return process.getBuiltinModule("node:zlib");
}
