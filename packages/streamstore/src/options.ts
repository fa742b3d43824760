import type {
  AppendRetryPolicy,
  Logger,
  Observer,
  RetryConfig,
  StreamConfig,
} from "@s2-dev/streamstore-core";
import type { AppendConditions, EndpointNames, SessionContext } from "@s2-dev/streamstore-core/client";
import { checkMillis, checkObject, refused } from "@s2-dev/streamstore-core/client";
import type { OperationName } from "@s2-dev/streamstore-core/operations";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import type { FetchLike } from "@s2-dev/streamstore-transport-fetch";
import type { AccessTokenProvider } from "./credentials.js";
import type { EncryptionKey } from "./encryption-key.js";
import type { Parts } from "./parts.js";

export type { AppendRetryPolicy, FetchLike, RetryConfig };

/** The built-in transports: HTTP with SSE, or HTTP/2 with the framed session protocol. */
export type SessionTransports = "fetch" | "s2s";

/**
 * Options of a client. The access token and the endpoints, where absent, are taken from the environment, where there
 * is one.
 */
export interface S2ClientOptions {
  /**
   * Access token, or a function that gives one, with its expiry if it has one: it is asked when a token is first
   * needed, shortly before the expiry, and once when the service refuses the token (401, or 403 `permission_denied`).
   * When it fails, that is retried like a failed attempt, and ends in `TOKEN_UNAVAILABLE`. Default: `S2_ACCESS_TOKEN`.
   */
  readonly accessToken?: string | AccessTokenProvider | undefined;
  /**
   * Where the service is; both or neither. Default: `S2_ACCOUNT_ENDPOINT` and `S2_BASIN_ENDPOINT`, else
   * `https://a.s2.dev/v1` and `https://{basin}.b.s2.dev/v1`.
   */
  readonly endpoints?: EndpointNames | undefined;
  /** Older spelling of `endpoints.account`. */
  readonly baseUrl?: string | undefined;
  /** Older spelling of `endpoints.basin`. */
  readonly makeBasinBaseUrl?: ((basin: string) => string) | undefined;
  /** How calls and sessions try again. Default: 3 attempts of a call, 30 s without progress of a session. */
  readonly retry?: ClientRetryConfig | undefined;
  /**
   * Deadline of one attempt in milliseconds: of a unary call, of opening a session, and of a batch's acknowledgement.
   * Default 5000; wins over `retry.requestTimeoutMillis`.
   */
  readonly requestTimeoutMillis?: number | undefined;
  /**
   * How long opening a connection may take, in milliseconds. Default 3000; wins over `retry.connectionTimeoutMillis`.
   * Browsers and workers have limits of their own.
   */
  readonly connectionTimeoutMillis?: number | undefined;
  /**
   * A transport of your own, for everything but streams with `forceTransport`. It stays yours: closing the client does
   * not close it, so several clients can share one. Options of how connections are made (`connect`, `compression`,
   * `http2`, `connectionTimeoutMillis`) are those of the built-in ones; it was given its own when it was made.
   * `createFetchTransport` takes an `agent`, and sessions in frames (`reads`, `appends`).
   */
  readonly transport?: Transport | undefined;
  /**
   * Use this built-in transport for everything; a stream's own `forceTransport` wins. Default: `"s2s"` where there is
   * `node:http2`, and `"fetch"` elsewhere.
   */
  readonly forceTransport?: SessionTransports | undefined;
  /** A `fetch` of your own; makes the fetch transport the default one. */
  readonly fetch?: FetchLike | undefined;
  /**
   * Options for the connections of the built-in transports: a `proxy`, and what `tls.connect` takes, such as `ca`, `cert`
   * and `key`. Refused with `UNSUPPORTED` in browsers and workers, and over `fetch` in Bun and Deno, where a program
   * cannot say how connections are made, or says it to a `fetch` of its own.
   */
  readonly connect?: ConnectOptions | undefined;
  /**
   * How what is sent is compressed, from 1024 bytes a call or batch up, and answers where the runtime lets a client
   * choose; event streams never are. Default `"none"`. One that this runtime lacks is refused with `UNSUPPORTED` when
   * the client is made: `"zstd"` needs Node.js 22.15 or newer.
   */
  readonly compression?: "none" | "gzip" | "zstd" | undefined;
  /** Windows and pool of the s2s transport. Refused with `UNSUPPORTED` where there is none. */
  readonly http2?: Http2Options | undefined;
  /**
   * Watches calls, sessions and connections: `createObserver(...)` of hooks, of `logEvents(logger)`, or both. Of the
   * connections of a `transport` of your own it learns nothing.
   */
  readonly observer?: Observer | undefined;
  /**
   * Where a line of each event goes, such as `console`: short for `observer: createObserver(logEvents(logger))`, beside
   * which it cannot stand. Refused with `UNSUPPORTED` in browsers and workers: there the long form is part of a page only
   * if it is written.
   */
  readonly logger?: Logger | undefined;
}

/** How a client retries. */
export interface ClientRetryConfig extends RetryConfig {
  /** Older place of the client option of this name. */
  readonly connectionTimeoutMillis?: number | undefined;
}

/** How connections are opened. */
export interface ConnectOptions {
  /**
   * URL of an HTTP proxy, `http:` or `https:`, through which every connection goes (CONNECT), with user name and password
   * in it if it asks for them. Nothing is taken from the environment: pass `process.env.HTTPS_PROXY`.
   */
  readonly proxy?: string | undefined;
  /** Everything else is for `tls.connect`: `ca`, `cert`, `key`, `servername`, ... */
  readonly [option: string]: unknown;
}

/** How the s2s transport uses HTTP/2. */
export interface Http2Options {
  /**
   * Flow-control window of one stream, in bytes, 65,535 to 2^31-1. It bounds what a reader that does not pull holds in
   * memory, and the throughput of one reader to a window per round trip. Default 4 MiB.
   */
  readonly initialStreamWindowSize?: number | undefined;
  /** Flow-control window of a whole connection, in bytes, 65,535 to 2^31-1. Default 16 MiB. */
  readonly connectionWindowSize?: number | undefined;
  /** Requests and sessions on one connection before a further one is opened, 1 to 100. Default 100, or what the server allows. */
  readonly maxStreamsPerConnection?: number | undefined;
  /** Milliseconds between keep-alive pings, sent only while requests are open. Default 20,000. */
  readonly keepAliveIntervalMillis?: number | undefined;
  /** How long a ping may go unanswered before the connection counts as lost, in milliseconds. Default 10,000. */
  readonly keepAliveTimeoutMillis?: number | undefined;
  /** How long a connection without requests is kept, in milliseconds. Default 90,000. */
  readonly idleTimeoutMillis?: number | undefined;
}

/** Options of every call. */
export interface S2RequestOptions {
  /** Aborting rejects the call with `S2Error` (code `ABORTED`) whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for a call with all its attempts and the pauses between them, above 0. Default: none of its own. Of
   * calls; sessions end by their `signal`.
   */
  readonly deadlineMillis?: number | undefined;
}

/** Options of a read session. */
export interface ReadSessionOptions extends Pick<S2RequestOptions, "signal"> {
  /**
   * How this session retries, where that differs from the client: what is not given here is as there. With
   * `maxAttempts: "unlimited"` a live tail outlasts outages of any length, while calls of the same client still give up.
   */
  readonly retry?: RetryConfig | undefined;
}

/** Options of the calls that create something. */
export interface CreateOptions extends S2RequestOptions {
  /**
   * By which the service recognises a second copy of the call, at most 36 printable ASCII characters: the same create
   * with the same token and arguments succeeds again. Default: a random one a call, the same for all its attempts.
   */
  readonly requestToken?: string | undefined;
}

/** Options of the calls that delete something. */
export interface DeleteOptions extends S2RequestOptions {
  /** Whether there being nothing to delete counts as done, rather than as a failure (404). Default false. */
  readonly ignoreNotFound?: boolean | undefined;
}

/** What a handle of a stream may have besides its name. */
export interface StreamOptions {
  /** Use this built-in transport, whatever the client's default is. */
  readonly forceTransport?: SessionTransports | undefined;
  /** Key of the stream's records, where the basin encrypts them (`stream_cipher`). Sent with every append and read. */
  readonly encryptionKey?: EncryptionKey | undefined;
}

/** Conditions of a single append, and what it may need besides. */
export interface AppendOptions extends AppendConditions {
  /** Configuration of the stream, in case this append creates it (`create_stream_on_append` of the basin). */
  readonly streamConfig?: StreamConfig | undefined;
}

/** Where a client's requests go and how: what its handles share. Older name of an internal shape, kept for its users. */
export type TransportConfig = Pick<S2ClientOptions, "baseUrl" | "accessToken" | "makeBasinBaseUrl" | "retry">;

/** An object of options, by what takes it. */
export type OptionsKind =
  | "client"
  | "stream"
  | "call"
  | "append"
  | "appendSession"
  | "read"
  | "readSession"
  | "openAppend";

/** What a runtime offers to a client. */
export interface Runtime {
  readonly clock: SessionContext["clock"];
  readonly random: SessionContext["random"];
  /** Value of `user-agent`, where the runtime lets a client set it. */
  readonly userAgent: string | undefined;
  /** Variables of the environment, where there is one. */
  environment(name: string): string | undefined;
  readonly defaultTransport: SessionTransports;
  readonly parts: Parts;
  /** Throws `INVALID_ARGUMENT` for misspelt options, where their names cost no page anything. */
  checkNames(options: unknown, kind: OptionsKind | OperationName): void;
  /** Throws `UNSUPPORTED` for options that the runtime cannot heed. */
  createFetchTransport(options: TransportOptions): Transport;
  /** Throws `UNSUPPORTED` where HTTP/2 sessions are not to be had. */
  createS2sTransport(options: TransportOptions): Transport;
}

/** The client options that concern the built-in transports. */
export type TransportOptions = Pick<
  S2ClientOptions,
  "connectionTimeoutMillis" | "fetch" | "connect" | "observer" | "logger" | "compression" | "http2"
>;

/** Refuses what is not even an object, or holds something unusable where an object or a function is due. */
export function checkClientOptions(options: S2ClientOptions): void {
  checkObject(options, "the options of S2");
  const { transport, fetch, connect, connectionTimeoutMillis, observer, http2 } = options;
  if (connect !== undefined) checkObject(connect, "connect");
  if (http2 !== undefined) checkObject(http2, "http2");
  if (fetch !== undefined && typeof fetch !== "function") {
    throw refused("fetch", "be a function", fetch);
  }
  if (transport !== undefined) {
    checkObject(transport, "transport");
    for (const member of ["exchange", "openAppend", "openRead"] as const) {
      if (typeof transport[member] !== "function") {
        throw refused("transport", `have ${member}()`, transport[member]);
      }
    }
  }
  if (observer !== undefined && typeof observer?.session !== "function") {
    throw refused("observer", "come from createObserver()", observer);
  }
  if (connectionTimeoutMillis !== undefined) {
    checkMillis(connectionTimeoutMillis, "connectionTimeoutMillis", 1);
  }
}

/** The overall deadline of a call. Throws `INVALID_ARGUMENT`. */
export function deadlineOf(options: S2RequestOptions | undefined): number | undefined {
  const deadline = options?.deadlineMillis;
  if (deadline === undefined) return undefined;
  if (typeof deadline !== "number" || !(deadline > 0 && Number.isFinite(deadline))) {
    throw refused("deadlineMillis", "be a finite number above 0", deadline);
  }
  return deadline;
}

/** Checks the options of a call, and gives its signal. */
export function signalOf(options: S2RequestOptions | undefined): AbortSignal | undefined {
  if (options === undefined) return undefined;
  checkObject(options, "the options of a call");
  const { signal } = options;
  if (signal !== undefined && !isSignal(signal)) {
    throw refused("signal", "be an AbortSignal", signal);
  }
  return signal;
}

/** By its shape: signals come from other realms, and from packages that stand in for the platform's. */
function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as AbortSignal).aborted === "boolean" &&
    typeof (value as AbortSignal).addEventListener === "function"
  );
}
