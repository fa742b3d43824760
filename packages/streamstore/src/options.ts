import type { RetryConfig, SessionContext } from "@s2-dev/streamstore-core/session";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import type { EndpointNames } from "@s2-dev/streamstore-core/wire";

/** The built-in transports: HTTP with SSE, or HTTP/2 with the framed session protocol. */
export type SessionTransports = "fetch" | "s2s";

/** A function with the shape of `fetch`. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response>;

/** Options of a client. Whatever is absent and has an environment variable is taken from there, where there is one. */
export interface S2ClientOptions {
  /** Access token. Default: `S2_ACCESS_TOKEN`. */
  readonly accessToken?: string | undefined;
  /**
   * Where the service is; both or neither. Default: `S2_ACCOUNT_ENDPOINT` and `S2_BASIN_ENDPOINT`, else
   * `https://a.s2.dev/v1` and `https://{basin}.b.s2.dev/v1`.
   */
  readonly endpoints?: EndpointNames | undefined;
  /** Older spelling of `endpoints.account`. */
  readonly baseUrl?: string | undefined;
  /** Older spelling of `endpoints.basin`. */
  readonly makeBasinBaseUrl?: ((basin: string) => string) | undefined;
  readonly retry?: RetryConfig | undefined;
  /**
   * Deadline of one attempt in milliseconds: of a unary call, of opening a session, and of a batch's acknowledgement.
   * Default 5000; wins over `retry.requestTimeoutMillis`.
   */
  readonly requestTimeoutMillis?: number | undefined;
  /** How long opening a connection may take, in milliseconds. Default 3000. */
  readonly connectionTimeoutMillis?: number | undefined;
  /** A transport of your own, for everything but streams with `forceTransport`. */
  readonly transport?: Transport | undefined;
  /** A `fetch` of your own; makes the fetch transport the default one. */
  readonly fetch?: FetchLike | undefined;
  /** Options for the connections of the built-in transport, such as `ca`, `cert` and `key` (`node:tls`). Server runtimes only. */
  readonly connect?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of every call. */
export interface S2RequestOptions {
  /** Aborting rejects the call with `S2Error` (code `ABORTED`) whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface StreamOptions {
  /** Use this built-in transport, whatever the client's default is. */
  readonly forceTransport?: SessionTransports | undefined;
}

/** Where a client's requests go and how: what its handles share. Older name of an internal shape, kept for its users. */
export type TransportConfig = Pick<S2ClientOptions, "baseUrl" | "accessToken" | "makeBasinBaseUrl" | "retry">;

/** What a runtime offers to a client. */
export interface Runtime {
  /** Value of `user-agent`, where the runtime lets a client set it. */
  readonly userAgent: string | undefined;
  /** Variables of the environment, where there is one. */
  environment(name: string): string | undefined;
  readonly defaultTransport: SessionTransports;
  createFetchTransport(options: TransportOptions): Transport;
  /** Throws `UNSUPPORTED` where HTTP/2 sessions are not to be had. */
  createS2sTransport(options: TransportOptions): Transport;
}

export interface TransportOptions {
  readonly clock: SessionContext["clock"];
  readonly connectionTimeoutMillis: number | undefined;
  readonly fetch: FetchLike | undefined;
  readonly connect: Readonly<Record<string, unknown>> | undefined;
}
