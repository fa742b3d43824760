import { type ConnectionHooks, invalidArgument, show } from "@s2-dev/streamstore-core/transport";
import type { Compression } from "./compression.js";
import type { FetchLike } from "./runtime.js";

/** What is fixed for one fetch transport. */
export interface FetchTransportOptions {
  /**
   * The `fetch` to use. Default: undici's on Node.js, elsewhere the runtime's own, looked up at each call. With an
   * injected one it is not promised that an open read does not keep the process alive.
   */
  readonly fetch?: FetchLike;
  /**
   * How connections are opened, on Node.js with its default `fetch` only: options of undici's connector (`ca`, `cert`,
   * `key`, `servername`, `timeout` in milliseconds, default 3000, ...).
   */
  readonly connect?: Readonly<Record<string, unknown>>;
  /**
   * How request bodies of at least 1024 bytes are compressed, and answers where the runtime lets a client choose.
   * Default `"none"`. `"zstd"` needs Node.js 22.15 or newer.
   */
  readonly compression?: Compression;
  /** Value of the `user-agent` header, where the runtime lets a client set it. Default `s2-sdk-typescript`. */
  readonly userAgent?: string;
  /** Told of connections that are opened and closed, on Node.js with its default `fetch` only. */
  readonly hooks?: ConnectionHooks;
}

export const DEFAULT_USER_AGENT = "s2-sdk-typescript";
/** How long opening a connection may take, in milliseconds, where it can be told. */
export const DEFAULT_CONNECTION_TIMEOUT_MILLIS = 3000;

/** @throws S2Error `INVALID_ARGUMENT`. */
export function checkOptions(options: FetchTransportOptions): void {
  if (options.fetch !== undefined && typeof options.fetch !== "function") {
    throw invalidArgument(`fetch must be a function, not ${show(options.fetch)}`);
  }
}
