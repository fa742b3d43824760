import { invalidArgument, show } from "@s2-dev/streamstore-core/client";
import type { ConnectionHooks } from "@s2-dev/streamstore-core/transport";
import type { Compression } from "./compression.js";
import type { AppendProtocol, ReadProtocol } from "./protocols.js";
import type { FetchLike } from "./runtime.js";

/** What is fixed for one fetch transport. */
export interface FetchTransportOptions {
  /**
   * The `fetch` to use. Default: the runtime's own, looked up at each call; on Node.js `node:http`, which costs a
   * third of it. With an injected one it is not promised that an open read does not keep the process alive.
   */
  readonly fetch?: FetchLike;
  /**
   * How connections are opened, on Node.js without a `fetch` of yours only: options of `tls.connect` and `net.connect`
   * (`ca`, `cert`, `key`, `servername`, ...), and `timeout` in milliseconds, default 3000.
   */
  readonly connect?: Readonly<Record<string, unknown>>;
  /**
   * How a connection gets to a host and port, where not directly, on Node.js without a `fetch` or `agent` of yours only:
   * through a proxy, for example. It gives a `net.Socket`, which the connection then owns; TLS goes on top of it.
   */
  readonly tunnel?: ((host: string, port: number) => Promise<object>) | undefined;
  /**
   * An agent of yours, on Node.js without a `fetch` of yours only: an `http.Agent`, `https.Agent` or what a proxy's
   * package makes. It stays yours: closing the transport does not close it, and its sockets may keep the process alive.
   * For a dispatcher of undici give a `fetch` that names it.
   */
  readonly agent?: object;
  /** How sessions are read. Default: server-sent events. See `framedReads` of `./framed`. */
  readonly reads?: ReadProtocol;
  /** How append sessions send. Default: one POST at a time. See `pipelinedAppends` of `./framed`. */
  readonly appends?: AppendProtocol;
  /**
   * How request bodies of at least 1024 bytes are compressed, and answers where the runtime lets a client choose.
   * Default `"none"`. `"zstd"` needs Node.js 22.15 or newer.
   */
  readonly compression?: Compression;
  /** Value of the `user-agent` header, where the runtime lets a client set it. Default `s2-sdk-typescript`. */
  readonly userAgent?: string;
  /** Told of connections that are opened and closed, on Node.js without a `fetch` of yours only. */
  readonly hooks?: ConnectionHooks;
}

export const DEFAULT_USER_AGENT = "s2-sdk-typescript";
/** How long opening a connection may take, in milliseconds, where it can be told. */
export const DEFAULT_CONNECTION_TIMEOUT_MILLIS = 3000;

/** Checks what every runtime heeds. @throws S2Error `INVALID_ARGUMENT`. */
export function checkOptions(options: FetchTransportOptions): void {
  if (options.fetch !== undefined && typeof options.fetch !== "function") {
    throw invalidArgument(`fetch must be a function, not ${show(options.fetch)}`);
  }
}
