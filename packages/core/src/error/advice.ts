import { type CodeFacts, factsOfCode, type KnownCode, type SdkCode, type ServerCode } from "./codes.js";

/** What a code means and what to do about it, besides its facts. */
export interface CodeAdvice extends CodeFacts {
  /** What the code says has happened, in a sentence. */
  readonly meaning: string;
  /** What to do next. */
  readonly advice: string;
}

type Prose = readonly [meaning: string, advice: string];

const SERVER_PROSE: Readonly<Record<ServerCode, Prose>> = {
  access_token_not_found: ["No access token has this id.", "Check the id."],
  authn: ["The access token was not accepted.", "Use a valid, unexpired access token."],
  bad_frame: ["A session frame could not be decoded.", "Report it: the SDK sent a bad frame."],
  bad_header: [
    "A request header is missing or invalid.",
    "Check basin name, encryption key and stream configuration.",
  ],
  bad_json: ["The JSON body was not accepted.", "Correct the field that the message names."],
  bad_path: ["A name in the path is invalid.", "Correct the name."],
  bad_proto: ["The protobuf body was not accepted.", "Report it: the SDK sent a bad body."],
  bad_query: ["A query parameter is invalid.", "Correct the parameter that the message names."],
  basin_deletion_pending: [
    "The basin is being deleted.",
    "Wait until the deletion has finished, or use another name.",
  ],
  basin_not_found: ["No such basin.", "Create the basin first, or check its name and the endpoint."],
  client_hangup: ["The client went away before the answer.", "Check whether the operation took effect."],
  decryption_failed: [
    "The encryption key does not fit the stored records.",
    "Use the key the records were appended with.",
  ],
  hot_server: ["The server is overloaded and sent the request away.", "Nothing: it is retried."],
  invalid: ["The request breaks a rule or a limit.", "Correct what the message names."],
  not_implemented: ["This server does not offer the operation.", "Use a server that does."],
  other: ["The server failed; the outcome is unknown.", "Check whether the operation took effect."],
  permission_denied: [
    "The access token lacks the right.",
    "Use a token whose scope and operations cover the request.",
  ],
  quota_exhausted: ["A quota of the account is used up.", "Raise the quota or wait."],
  rate_limited: ["Too many requests.", "Send less, or in larger batches."],
  request_timeout: ["The server gave up waiting.", "Check whether the operation took effect."],
  resource_already_exists: ["The name is taken.", "Use ensure, or another name."],
  server_draining: ["The server is shutting down.", "Nothing: it is retried elsewhere."],
  storage: ["The storage under the service failed.", "Check whether the operation took effect."],
  stream_deletion_pending: [
    "The stream is being deleted.",
    "Wait until the deletion has finished, or use another name.",
  ],
  stream_not_found: [
    "No such stream.",
    "Create the stream first, or let the basin create it on append or read.",
  ],
  transaction_conflict: ["Two changes met; this one was not made.", "Nothing: it is retried."],
  unavailable: [
    "The stream is not available; the outcome is unknown.",
    "Check whether the operation took effect.",
  ],
  upstream_timeout: [
    "The service did not answer its front door in time.",
    "Check whether the operation took effect.",
  ],
};

const SDK_PROSE: Readonly<Record<SdkCode, Prose>> = {
  ABORTED: [
    "The caller's signal was aborted.",
    "Nothing: the caller asked for it. `cause` is the signal's reason.",
  ],
  APPEND_CONDITION_FAILED: [
    "The stream is not in the state the append demanded.",
    "Read the expected value from the error and decide again.",
  ],
  CONNECT_FAILED: ["No connection could be opened.", "Check the endpoint and the network."],
  CONNECTION_LOST: [
    "The connection broke before the answer was complete.",
    "Check whether the operation took effect.",
  ],
  HEARTBEAT_TIMEOUT: [
    "A followed stream sent nothing, not even a heartbeat, for too long.",
    "Check the network; the session resumes by itself while attempts remain.",
  ],
  INTERNAL_ERROR: ["A rule of the SDK itself was broken.", "Report it."],
  INVALID_ARGUMENT: [
    "An argument or an option is invalid; nothing was sent.",
    "Correct the field that the message names.",
  ],
  OUTCOME_UNKNOWN: [
    "The append may or may not have taken effect.",
    "Read the stream from the last acknowledged position to find out.",
  ],
  PROTOCOL_ERROR: [
    "The server's answer breaks the protocol.",
    "Check that the endpoint is an S2 service and that no proxy rewrites its answers.",
  ],
  RANGE_NOT_SATISFIABLE: [
    "The read starts at or beyond the tail and may not wait.",
    "Pass `clamp: true` and a `wait`, or start before the tail.",
  ],
  REQUEST_REFUSED: ["The server refused the request before looking at it.", "Nothing: it is retried."],
  REQUEST_TIMEOUT: [
    "The answer did not come in time.",
    "Check whether the operation took effect, or raise `requestTimeoutMillis`.",
  ],
  SESSION_CLOSED: ["The session or client is closed; nothing was sent.", "Open a new one."],
  TOKEN_UNAVAILABLE: [
    "The function that gives access tokens failed; nothing was sent.",
    "See `cause`, and repair the function.",
  ],
  UNSAFE_INTEGER: [
    "A 64-bit integer is beyond 2^53-1 and cannot be a number.",
    'For timestamps pass `unsafeTimestamps: "saturate"`.',
  ],
  WRITER_CONFLICT: [
    "In exactly-once mode: another writer appended to the stream.",
    "Decide who writes; `data` says what was found where.",
  ],
  UNSUPPORTED: ["This runtime or transport lacks what was asked for.", "Choose another transport or option."],
};

/**
 * Codes the service sends, in its own spelling.
 * @see https://s2.dev/docs/api/error-codes
 */
export const SERVER_CODES: Readonly<Record<ServerCode, CodeAdvice>> = /* @__PURE__ */ complete(SERVER_PROSE);

/** Codes of failures noticed by the SDK itself, in capitals. */
export const SDK_CODES: Readonly<Record<SdkCode, CodeAdvice>> = /* @__PURE__ */ complete(SDK_PROSE);

/**
 * What is known about an error's code: its meaning, what to do next, whether it is retried and whether it can have
 * taken effect. `undefined` for a code that this version does not know.
 */
export function adviceFor(code: string | undefined): CodeAdvice | undefined {
  if (code === undefined) return undefined;
  if (Object.hasOwn(SERVER_CODES, code)) return SERVER_CODES[code as ServerCode];
  return Object.hasOwn(SDK_CODES, code) ? SDK_CODES[code as SdkCode] : undefined;
}

function complete<C extends KnownCode>(prose: Readonly<Record<C, Prose>>): Readonly<Record<C, CodeAdvice>> {
  const rows = Object.entries<Prose>(prose).map(([code, [meaning, advice]]) => {
    const facts = factsOfCode(code) as CodeFacts;
    return [code, { ...facts, meaning, advice }] as const;
  });
  return Object.fromEntries(rows) as unknown as Readonly<Record<C, CodeAdvice>>;
}
