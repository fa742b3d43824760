import { S2Error } from "@s2-dev/streamstore-core/transport";

/** Codes of failures before a connection was there: nothing was sent. From Node.js, undici and Bun. */
const CONNECT_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
  "ConnectionRefused",
  "FailedToOpenSocket",
]);

/** Codes of requests that Node.js refuses to make: nothing was sent. */
const REFUSED_CODES: ReadonlySet<string> = new Set([
  "ERR_INVALID_URL",
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_INVALID_PROTOCOL",
  "ERR_UNESCAPED_CHARACTERS",
]);

/** System calls that come before anything can be sent: with them even a code that says nothing is a failed connect. */
const CONNECT_CALLS: ReadonlySet<string> = new Set(["connect", "getaddrinfo"]);

/** Codes that say the server's certificate is not accepted: trying again does not help. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Codes of connections that broke under a request, from Node.js, undici and Bun. */
const LOST_CODES: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_CLOSED",
  "UND_ERR_DESTROYED",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "ConnectionClosed",
]);

/** Whole messages of failures before a connection was there, where no code tells. */
const CONNECT_MESSAGES: readonly RegExp[] = [
  // Node.js: the TLS handshake was cut; the code is ECONNRESET.
  /^Client network socket disconnected before secure TLS connection was established$/,
  // Deno
  /^error sending request for url \(.*\): client error \(Connect\)(: .*)?$/,
  /^error sending request from .*: client error \(Connect\)(: .*)?$/,
];

/** Whole messages of broken connections. Some browsers say the same when none could be opened: then the worse is meant. */
const LOST_MESSAGES: readonly RegExp[] = [
  // undici: the body was cut
  /^terminated$/,
  /^other side closed$/,
  // Chrome: without an answer, and in a body
  /^Failed to fetch$/,
  /^network error$/,
  // Firefox: the same
  /^NetworkError when attempting to fetch resource\.$/,
  /^Error in input stream$/,
  // Safari
  /^Load failed$/,
  /^The network connection was lost\.$/,
  /^The Internet connection appears to be offline\.$/,
  // Bun
  /^(ECONNRESET: )?The socket connection was closed unexpectedly\./,
  // Deno
  /^error sending request (for url|from) .*: client error \(SendRequest\)(: .*)?$/,
  /^error reading a body from connection$/,
  /^Connection reset by peer \(os error \d+\)$/,
  // workerd
  /^Network connection lost\.$/,
];

/** What the causes of a failure say, outermost first. */
interface Facts {
  readonly codes: readonly string[];
  readonly calls: readonly string[];
  readonly messages: readonly string[];
}

/**
 * The failure of a `fetch` or of reading its body. A failure that nothing is known of counts as a broken connection
 * when it is a `TypeError`, which is how the standard reports network errors.
 */
export function errorFromFetch(thrown: unknown): S2Error {
  if (thrown instanceof S2Error) return thrown;
  const facts = factsOf(thrown);
  const message = facts.messages.at(-1) ?? String(thrown);
  if (
    facts.codes.some((code) => REFUSED_CODES.has(code)) ||
    facts.messages.some((text) => text.startsWith("Failed to parse URL"))
  ) {
    return new S2Error({
      message: `The request is not valid: ${message}`,
      code: "INVALID_ARGUMENT",
      cause: thrown,
    });
  }
  if (facts.codes.some((code) => CERTIFICATE_CODES.has(code))) {
    return connectFailed(`the certificate was not accepted: ${message}`, thrown, false);
  }
  if (isConnectFailure(facts)) return connectFailed(message, thrown, true);
  if (isKnownLoss(facts) || thrown instanceof TypeError || isDomException(thrown)) {
    return new S2Error({
      message: `The connection broke: ${message}`,
      code: "CONNECTION_LOST",
      cause: thrown,
    });
  }
  return new S2Error({ message: `fetch failed: ${message}`, code: "INTERNAL_ERROR", cause: thrown });
}

/** The response ended before its clean end. */
export function truncatedResponse(): S2Error {
  return new S2Error({ message: "The response ended before the session did", code: "CONNECTION_LOST" });
}

function connectFailed(message: string, cause: unknown, retryable: boolean): S2Error {
  return new S2Error({ message: `Could not connect: ${message}`, code: "CONNECT_FAILED", cause, retryable });
}

function isConnectFailure({ codes, calls, messages }: Facts): boolean {
  return (
    codes.some((code) => CONNECT_CODES.has(code)) ||
    calls.some((call) => CONNECT_CALLS.has(call)) ||
    messages.some((text) => CONNECT_MESSAGES.some((pattern) => pattern.test(text)))
  );
}

function isKnownLoss({ codes, messages }: Facts): boolean {
  return (
    codes.some((code) => LOST_CODES.has(code)) ||
    messages.some((text) => LOST_MESSAGES.some((pattern) => pattern.test(text)))
  );
}

function isDomException(thrown: unknown): boolean {
  return typeof DOMException === "function" && thrown instanceof DOMException;
}

function factsOf(thrown: unknown): Facts {
  const codes: string[] = [];
  const calls: string[] = [];
  const messages: string[] = [];
  let current: unknown = thrown;
  // A chain of causes can be a circle.
  for (let depth = 0; depth < 5 && typeof current === "object" && current !== null; depth += 1) {
    const { code, syscall, message, cause } = current as Record<string, unknown>;
    if (typeof code === "string") codes.push(code);
    if (typeof syscall === "string") calls.push(syscall);
    if (typeof message === "string" && message !== "") messages.push(message);
    current = cause;
  }
  return { codes, calls, messages };
}
