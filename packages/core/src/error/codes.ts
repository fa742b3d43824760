/** Whether the operation that failed can have changed anything on the server. */
export type SideEffect = "none" | "possible";

/** What is known about an error code before any particular error is seen. */
export interface CodeFacts {
  /** HTTP status the server sends with it, or the one given to a local failure (0: none fits). */
  readonly status: number;
  readonly retryable: boolean;
  readonly sideEffect: SideEffect;
  readonly meaning: string;
  /** What to do next. */
  readonly advice: string;
}

/**
 * Codes the service sends, in its own spelling.
 * @see https://s2.dev/docs/api/error-codes
 */
export const SERVER_CODES = {
  access_token_not_found: facts(404, false, "none", "No access token has this id.", "Check the id."),
  authn: facts(
    401,
    false,
    "none",
    "The access token was not accepted.",
    "Use a valid, unexpired access token.",
  ),
  bad_frame: facts(
    400,
    false,
    "none",
    "A session frame could not be decoded.",
    "Report it: the SDK sent a bad frame.",
  ),
  bad_header: facts(
    400,
    false,
    "none",
    "A request header is missing or invalid.",
    "Check basin name, encryption key and stream configuration.",
  ),
  bad_json: facts(
    400,
    false,
    "none",
    "The JSON body was not accepted.",
    "Correct the field that the message names.",
  ),
  bad_path: facts(400, false, "none", "A name in the path is invalid.", "Correct the name."),
  bad_proto: facts(
    400,
    false,
    "none",
    "The protobuf body was not accepted.",
    "Report it: the SDK sent a bad body.",
  ),
  bad_query: facts(
    400,
    false,
    "none",
    "A query parameter is invalid.",
    "Correct the parameter that the message names.",
  ),
  basin_deletion_pending: facts(
    409,
    false,
    "none",
    "The basin is being deleted.",
    "Wait until the deletion has finished, or use another name.",
  ),
  basin_not_found: facts(
    404,
    false,
    "none",
    "No such basin.",
    "Create the basin first, or check its name and the endpoint.",
  ),
  client_hangup: facts(
    499,
    false,
    "possible",
    "The client went away before the answer.",
    "Check whether the operation took effect.",
  ),
  decryption_failed: facts(
    400,
    false,
    "none",
    "The encryption key does not fit the stored records.",
    "Use the key the records were appended with.",
  ),
  hot_server: facts(
    502,
    true,
    "none",
    "The server is overloaded and sent the request away.",
    "Nothing: it is retried.",
  ),
  invalid: facts(
    422,
    false,
    "none",
    "The request breaks a rule or a limit.",
    "Correct what the message names.",
  ),
  not_implemented: facts(
    501,
    false,
    "none",
    "This server does not offer the operation.",
    "Use a server that does.",
  ),
  other: facts(
    500,
    true,
    "possible",
    "The server failed; the outcome is unknown.",
    "Check whether the operation took effect.",
  ),
  permission_denied: facts(
    403,
    false,
    "none",
    "The access token lacks the right.",
    "Use a token whose scope and operations cover the request.",
  ),
  quota_exhausted: facts(
    403,
    false,
    "none",
    "A quota of the account is used up.",
    "Raise the quota or wait.",
  ),
  rate_limited: facts(429, true, "none", "Too many requests.", "Send less, or in larger batches."),
  request_timeout: facts(
    408,
    true,
    "possible",
    "The server gave up waiting.",
    "Check whether the operation took effect.",
  ),
  resource_already_exists: facts(409, false, "none", "The name is taken.", "Use ensure, or another name."),
  server_draining: facts(
    503,
    true,
    "none",
    "The server is shutting down.",
    "Nothing: it is retried elsewhere.",
  ),
  storage: facts(
    500,
    true,
    "possible",
    "The storage under the service failed.",
    "Check whether the operation took effect.",
  ),
  stream_deletion_pending: facts(
    409,
    false,
    "none",
    "The stream is being deleted.",
    "Wait until the deletion has finished, or use another name.",
  ),
  stream_not_found: facts(
    404,
    false,
    "none",
    "No such stream.",
    "Create the stream first, or let the basin create it on append or read.",
  ),
  transaction_conflict: facts(
    409,
    true,
    "none",
    "Two changes met; this one was not made.",
    "Nothing: it is retried.",
  ),
  unavailable: facts(
    503,
    true,
    "possible",
    "The stream is not available; the outcome is unknown.",
    "Check whether the operation took effect.",
  ),
  upstream_timeout: facts(
    504,
    true,
    "possible",
    "The service did not answer its front door in time.",
    "Check whether the operation took effect.",
  ),
} as const satisfies Record<string, CodeFacts>;

/** Codes of failures noticed by the SDK itself, in capitals. */
export const SDK_CODES = {
  ABORTED: facts(
    499,
    false,
    "possible",
    "The caller's signal was aborted.",
    "Nothing: the caller asked for it. `cause` is the signal's reason.",
  ),
  APPEND_CONDITION_FAILED: facts(
    412,
    false,
    "none",
    "The stream is not in the state the append demanded.",
    "Read the expected value from the error and decide again.",
  ),
  CONNECT_FAILED: facts(
    502,
    true,
    "none",
    "No connection could be opened.",
    "Check the endpoint and the network.",
  ),
  CONNECTION_LOST: facts(
    502,
    true,
    "possible",
    "The connection broke before the answer was complete.",
    "Check whether the operation took effect.",
  ),
  HEARTBEAT_TIMEOUT: facts(
    408,
    true,
    "none",
    "A followed stream sent nothing, not even a heartbeat, for too long.",
    "Check the network; the session resumes by itself while attempts remain.",
  ),
  INTERNAL_ERROR: facts(0, false, "possible", "A rule of the SDK itself was broken.", "Report it."),
  INVALID_ARGUMENT: facts(
    400,
    false,
    "none",
    "An argument or an option is invalid; nothing was sent.",
    "Correct the field that the message names.",
  ),
  OUTCOME_UNKNOWN: facts(
    0,
    false,
    "possible",
    "The append may or may not have taken effect.",
    "Read the stream from the last acknowledged position to find out.",
  ),
  PROTOCOL_ERROR: facts(
    0,
    false,
    "possible",
    "The server's answer breaks the protocol.",
    "Check that the endpoint is an S2 service and that no proxy rewrites its answers.",
  ),
  RANGE_NOT_SATISFIABLE: facts(
    416,
    false,
    "none",
    "The read starts at or beyond the tail and may not wait.",
    "Pass `clamp: true` and a `wait`, or start before the tail.",
  ),
  REQUEST_REFUSED: facts(
    502,
    true,
    "none",
    "The server refused the request before looking at it.",
    "Nothing: it is retried.",
  ),
  REQUEST_TIMEOUT: facts(
    408,
    true,
    "possible",
    "The answer did not come in time.",
    "Check whether the operation took effect, or raise `requestTimeoutMillis`.",
  ),
  SESSION_CLOSED: facts(
    400,
    false,
    "none",
    "The session or client is closed; nothing was sent.",
    "Open a new one.",
  ),
  UNSAFE_INTEGER: facts(
    0,
    false,
    "none",
    "A 64-bit integer is beyond 2^53-1 and cannot be a number.",
    'For timestamps pass `unsafeTimestamps: "saturate"`.',
  ),
  WRITER_CONFLICT: facts(
    412,
    false,
    "none",
    "In exactly-once mode: another writer appended to the stream.",
    "Decide who writes; `data` says what was found where.",
  ),
  UNSUPPORTED: facts(
    0,
    false,
    "none",
    "This runtime or transport lacks what was asked for.",
    "Choose another transport or option.",
  ),
} as const satisfies Record<string, CodeFacts>;

export type ServerCode = keyof typeof SERVER_CODES;
export type SdkCode = keyof typeof SDK_CODES;
export type KnownCode = ServerCode | SdkCode;
/** Open, since servers grow. */
export type ErrorCode = KnownCode | (string & {});

function facts(
  status: number,
  retryable: boolean,
  sideEffect: SideEffect,
  meaning: string,
  advice: string,
): CodeFacts {
  return { status, retryable, sideEffect, meaning, advice };
}

/** The facts of a code, or `undefined` for one this version does not know. */
export function factsOfCode(code: string | undefined): CodeFacts | undefined {
  if (code === undefined) return undefined;
  if (Object.hasOwn(SERVER_CODES, code)) return SERVER_CODES[code as ServerCode];
  if (Object.hasOwn(SDK_CODES, code)) return SDK_CODES[code as SdkCode];
  return undefined;
}
