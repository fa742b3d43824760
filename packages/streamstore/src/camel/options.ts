import type * as main from "@s2-dev/streamstore";
import { isBytes } from "@s2-dev/streamstore-core/client";
import { S2Endpoints, type S2EndpointsInit } from "./endpoints.js";
import { checkOptional, EncryptionKeyLengthError, guarded, invalidArgument } from "./errors.js";

/** Options of every call. */
export interface S2RequestOptions {
  /** Ends the call; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** How calls and sessions try again. Delays are in milliseconds. */
export interface RetryConfig {
  /** Attempts in all; below 1 counts as 1. Default 3 for calls; sessions keep trying for 30 s without progress. */
  maxAttempts?: number | undefined;
  /** Default 100. */
  minBaseDelayMillis?: number | undefined;
  /** Default 1000. */
  maxBaseDelayMillis?: number | undefined;
  /** Default `"all"`. */
  appendRetryPolicy?: main.AppendRetryPolicy | undefined;
  /** Older place of the client option. */
  requestTimeoutMillis?: number | undefined;
  /** Older place of the client option. */
  connectionTimeoutMillis?: number | undefined;
}

/** Compression of calls and of the frames of sessions; `zstd` where the runtime has it (Node 22.15). */
export type S2Compression = "none" | "gzip" | "zstd";
/** Flow-control windows of the s2s transport, in bytes. */
export interface Http2Settings {
  /** Bytes that may be unread on a stream. */
  initialStreamWindowSize?: number | undefined;
  /** Bytes that may be unread on a connection. */
  connectionWindowSize?: number | undefined;
}

/** Options of a client, with those of the main entry that have no name of their own in 0.27. */
export interface S2ClientOptions
  extends Pick<
    main.S2ClientOptions,
    "transport" | "forceTransport" | "fetch" | "connect" | "observer" | "logger"
  > {
  /** The token of the service, or a function that gives one. */
  accessToken: string;
  /** Default: `S2_ACCOUNT_ENDPOINT` and `S2_BASIN_ENDPOINT`, else the hosted service. */
  endpoints?: S2Endpoints | S2EndpointsInit | undefined;
  /** Longest time of one attempt of a call, in milliseconds. Default 5000. */
  requestTimeoutMillis?: number | undefined;
  /** Longest time that opening a connection may take, in milliseconds. Default 3000. */
  connectionTimeoutMillis?: number | undefined;
  /** When and how often to try again. */
  retry?: RetryConfig | undefined;
  /** How what is sent is compressed. Default `"none"`. */
  compression?: S2Compression | undefined;
  /** Windows and pool of the transport over HTTP/2. */
  http2?: Http2Settings | undefined;
}

/** A key as base64 text, or as its bytes. */
export type EncryptionKeyInput = string | Uint8Array;

/** What a handle of a stream may have besides its name. */
export interface StreamOptions {
  /** The built-in transport of this stream's sessions. */
  forceTransport?: main.SessionTransports | undefined;
  /** Key of the stream's records: base64 text, or its bytes. */
  encryptionKey?: EncryptionKeyInput | undefined;
}

/** Client options as the main entry takes them. */
export function clientOptionsToMain(options: S2ClientOptions): main.S2ClientOptions {
  if (typeof options !== "object" || options === null)
    throw invalidArgument("the options of S2 must be an object");
  const { endpoints, retry, connectionTimeoutMillis, ...rest } = options;
  checkOptional(endpoints, "endpoints");
  checkOptional(retry, "retry");
  const { maxAttempts, connectionTimeoutMillis: older, ...delays } = retry ?? {};
  return {
    ...rest,
    endpoints: endpoints === undefined ? undefined : endpointNames(endpoints),
    connectionTimeoutMillis: connectionTimeoutMillis ?? older,
    retry: maxAttempts === undefined ? delays : { ...delays, maxAttempts: Math.max(1, maxAttempts) },
  };
}

function endpointNames(
  endpoints: S2Endpoints | S2EndpointsInit,
): { account: string; basin: string } | undefined {
  if (
    !(endpoints instanceof S2Endpoints) &&
    endpoints.account === undefined &&
    endpoints.basin === undefined
  ) {
    return undefined;
  }
  const { account, basin } = endpoints instanceof S2Endpoints ? endpoints : new S2Endpoints(endpoints);
  return { account: account.raw, basin: basin.raw };
}

/** Value of the key's header; throws `EncryptionKeyLengthError` unless it has 1 to 44 characters. */
export const EncryptionKey = {
  from(key: EncryptionKeyInput): string {
    if (typeof key !== "string" && !isBytes(key)) {
      throw invalidArgument(`An encryption key must be a string or a Uint8Array; got a ${typeof key}`);
    }
    const value = typeof key === "string" ? key.trim() : btoa(String.fromCharCode(...key.subarray(0, 64)));
    if (value.length < 1 || value.length > MAX_KEY_LENGTH) throw new EncryptionKeyLengthError(key.length);
    return value;
  },
};
const MAX_KEY_LENGTH = 44;

/** A key as the main entry takes it. */
export function keyToMain(create: typeof main.EncryptionKey, key: EncryptionKeyInput): main.EncryptionKey {
  const value = EncryptionKey.from(key);
  return guarded(() => create.from(value));
}
