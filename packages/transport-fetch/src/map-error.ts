import { S2Error } from "@s2-dev/streamstore-core/client";
import { isNetworkError } from "./network-error.js";

/** Codes of requests that Node.js refuses to make: nothing was sent. */
const REFUSED = /^ERR_(INVALID_(URL|CHAR|HTTP_TOKEN|PROTOCOL)|UNESCAPED_CHARACTERS)$|^Failed to parse URL/;

/**
 * What says that a certificate is not accepted: codes where it is the server's, or none at all; the number of the alert by which a server
 * refuses a client for want of a good one, in TLS 1.3 when the request has been sent already. Trying again does not help.
 */
const CERTIFICATE_REFUSED =
  /SSL alert number (4[02-689]|116)\b|^(ERR_OSSL_|CERT_|UNABLE_TO_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_|INVALID_CA$|HOSTNAME_MISMATCH$)/;

/**
 * What says that a connection was never there: codes of Node.js, undici and Bun; system calls that come before anything
 * can be sent, with which even a code that says nothing is a failed connect; whole messages, where no code tells.
 */
const NOT_CONNECTED =
  /^(E(CONNREFUSED|NOTFOUND|AI_AGAIN|NETUNREACH|HOSTUNREACH|HOSTDOWN|ADDRNOTAVAIL)|UND_ERR_CONNECT_TIMEOUT|ERR_SSL_(WRONG_VERSION_NUMBER|TLSV1_ALERT_PROTOCOL_VERSION|SSLV3_ALERT_HANDSHAKE_FAILURE)|ConnectionRefused|FailedToOpenSocket|connect|getaddrinfo|Client network socket disconnected before secure TLS connection was established|error sending request (for url \(.*\)|from .*): client error \(Connect\)(: .*)?)$/;

/** What says that the other side speaks something else: of OpenSSL, which leaves the code to nobody, and of the parser of HTTP. */
const NOT_TLS =
  /:SSL routines:.*:(wrong version number|unknown protocol|packet length too long|http request):/;
const NOT_HTTP = /^HPE_/;

/**
 * What says that a connection broke under a request: codes of Node.js, undici and Bun; messages of Bun and workerd that
 * are no `TypeError`, as those of browsers, Node.js and Deno are.
 */
const LOST =
  /^((ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ConnectionClosed|Network connection lost\.)$|UND_ERR_|(ECONNRESET: )?The socket connection was closed unexpectedly\.)/;

/**
 * The failure of a `fetch` or of reading its body. A failure that nothing is known of counts as a broken connection
 * when it is a `TypeError`, which is how the standard reports network errors.
 */
export function errorFromFetch(thrown: unknown): S2Error {
  if (thrown instanceof S2Error) return thrown;
  const { facts, message } = readCauses(thrown);
  const says = (pattern: RegExp): boolean => facts.some((fact) => pattern.test(fact));
  const error = (what: string, code: string, retryable?: boolean): S2Error =>
    new S2Error({ message: `${what}: ${message}`, code, cause: thrown, retryable });
  if (says(REFUSED)) return error("The request is not valid", "INVALID_ARGUMENT");
  if (says(CERTIFICATE_REFUSED))
    return error("Could not connect: a certificate was not accepted", "CONNECT_FAILED", false);
  if (says(NOT_TLS)) return error("Could not connect: this is no TLS, as https: demands", "CONNECT_FAILED");
  if (says(NOT_HTTP)) return error("The answer is not HTTP/1.1", "PROTOCOL_ERROR");
  if (says(NOT_CONNECTED)) return error("Could not connect", "CONNECT_FAILED", true);
  if (says(LOST) || isNetworkError(thrown)) return error("The connection broke", "CONNECTION_LOST");
  return error("fetch failed", "INTERNAL_ERROR");
}

/** What a failure and its causes say by codes, system calls and messages; the innermost message tells most. */
function readCauses(thrown: unknown): { facts: string[]; message: string } {
  const facts: string[] = [];
  let text = String(thrown);
  let current: unknown = thrown;
  // A chain of causes can be a circle.
  for (let depth = 0; depth < 5 && typeof current === "object" && current !== null; depth += 1) {
    const { code, syscall, message, cause } = current as Record<string, unknown>;
    facts.push(String(code), String(syscall), String(message));
    if (typeof message === "string" && message !== "") text = message;
    current = cause;
  }
  return { facts, message: text };
}
