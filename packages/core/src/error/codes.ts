/** Whether the operation that failed can have changed anything on the server. */
export type SideEffect = "none" | "possible";

/** What is known about an error code before any particular error is seen. */
export interface CodeFacts {
  /** HTTP status the server sends with it, or the one given to a local failure (0: none fits). */
  readonly status: number;
  /** Whether trying again can succeed. */
  readonly retryable: boolean;
  /** Whether anything may have been written all the same. */
  readonly sideEffect: SideEffect;
}

// Facts are one number each, since every program loads them: the status, plus what follows it. What a code means and
// what to do about it stands in `advice.ts`, which none loads unless it asks.
/** Another attempt may succeed. */
const RETRY = 1000;
/** It may have taken effect. */
const EFFECT = 2000;

const SERVER = {
  access_token_not_found: 404,
  authn: 401,
  bad_frame: 400,
  bad_header: 400,
  bad_json: 400,
  bad_path: 400,
  bad_proto: 400,
  bad_query: 400,
  basin_deletion_pending: 409,
  basin_not_found: 404,
  client_hangup: 499 + EFFECT,
  decryption_failed: 400,
  hot_server: 502 + RETRY,
  invalid: 422,
  not_implemented: 501,
  other: 500 + RETRY + EFFECT,
  permission_denied: 403,
  quota_exhausted: 403,
  rate_limited: 429 + RETRY,
  request_timeout: 408 + RETRY + EFFECT,
  resource_already_exists: 409,
  server_draining: 503 + RETRY,
  storage: 500 + RETRY + EFFECT,
  stream_deletion_pending: 409,
  stream_not_found: 404,
  transaction_conflict: 409 + RETRY,
  unavailable: 503 + RETRY + EFFECT,
  upstream_timeout: 504 + RETRY + EFFECT,
} as const;

const SDK = {
  ABORTED: 499 + EFFECT,
  APPEND_CONDITION_FAILED: 412,
  CONNECT_FAILED: 502 + RETRY,
  CONNECTION_LOST: 502 + RETRY + EFFECT,
  HEARTBEAT_TIMEOUT: 408 + RETRY,
  INTERNAL_ERROR: 0 + EFFECT,
  INVALID_ARGUMENT: 400,
  OUTCOME_UNKNOWN: 0 + EFFECT,
  PROTOCOL_ERROR: 0 + EFFECT,
  RANGE_NOT_SATISFIABLE: 416,
  REQUEST_REFUSED: 502 + RETRY,
  REQUEST_TIMEOUT: 408 + RETRY + EFFECT,
  SESSION_CLOSED: 400,
  TOKEN_UNAVAILABLE: 0 + RETRY,
  UNSAFE_INTEGER: 0,
  WRITER_CONFLICT: 412,
  UNSUPPORTED: 0,
} as const;

/** A code that the service sends, in its own spelling. @see https://s2.dev/docs/api/error-codes */
export type ServerCode = keyof typeof SERVER;
/** A code of a failure noticed by the SDK itself, in capitals. */
export type SdkCode = keyof typeof SDK;
/** A code that this version knows. */
export type KnownCode = ServerCode | SdkCode;
/** Open, since servers grow. */
export type ErrorCode = KnownCode | (string & {});

const CODES: Readonly<Record<string, number>> = { ...SERVER, ...SDK };

/** The facts of a code, or `undefined` for one this version does not know. */
export function factsOfCode(code: unknown): CodeFacts | undefined {
  if (typeof code !== "string" || !Object.hasOwn(CODES, code)) return undefined;
  const facts = CODES[code] as number;
  return {
    status: facts % RETRY,
    retryable: facts % EFFECT >= RETRY,
    sideEffect: facts >= EFFECT ? "possible" : "none",
  };
}

/** Whether a code is one of those that the service sends. */
export function isServerCode(code: unknown): code is ServerCode {
  return typeof code === "string" && Object.hasOwn(SERVER, code);
}
