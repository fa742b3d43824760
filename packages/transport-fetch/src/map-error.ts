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
const REFUSED_CODES = /^ERR_(INVALID_(URL|CHAR|HTTP_TOKEN|PROTOCOL)|UNESCAPED_CHARACTERS)$/;

/** System calls that come before anything can be sent: with them even a code that says nothing is a failed connect. */
const CONNECT_CALLS: ReadonlySet<string> = new Set(["connect", "getaddrinfo"]);

/** Codes that say the server's certificate is not accepted: trying again does not help. */
const CERTIFICATE_CODES =
  /^(CERT_|UNABLE_TO_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/** Codes of connections that broke under a request, from Node.js, undici and Bun. */
const LOST_CODES = /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ConnectionClosed)$|^UND_ERR_/;

/** Whole messages of failures before a connection was there, where no code tells. */
const CONNECT_MESSAGES: readonly RegExp[] = [
  // Node.js: the TLS handshake was cut; the code is ECONNRESET.
  /^Client network socket disconnected before secure TLS connection was established$/,
  // Deno
  /^error sending request for url \(.*\): client error \(Connect\)(: .*)?$/,
  /^error sending request from .*: client error \(Connect\)(: .*)?$/,
];

/** Messages of broken connections that are no `TypeError`, as those of browsers, Node.js and Deno are. */
const LOST_MESSAGES =
  // Bun; workerd
  /^(ECONNRESET: )?The socket connection was closed unexpectedly\.|^Network connection lost\.$/;

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
    facts.codes.some((code) => REFUSED_CODES.test(code)) ||
    facts.messages.some((text) => text.startsWith("Failed to parse URL"))
  ) {
    return new S2Error({
      message: `The request is not valid: ${message}`,
      code: "INVALID_ARGUMENT",
      cause: thrown,
    });
  }
  if (facts.codes.some((code) => CERTIFICATE_CODES.test(code))) {
    return connectFailed(`the certificate was not accepted: ${message}`, thrown, false);
  }
  if (isConnectFailure(facts)) return connectFailed(message, thrown, true);
  if (isKnownLoss(facts) || isNetworkError(thrown)) {
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
  return codes.some((code) => LOST_CODES.test(code)) || messages.some((text) => LOST_MESSAGES.test(text));
}

/** What the standard makes of network errors, and of aborts that are a `fetch`'s own. By name: it may be another realm's. */
function isNetworkError(thrown: unknown): boolean {
  if (typeof DOMException === "function" && thrown instanceof DOMException) return true;
  return typeof thrown === "object" && thrown !== null && (thrown as Error).name === "TypeError";
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
