import { S2Error } from "@s2-dev/streamstore-core/transport";
import { HTTP_1_1_REQUIRED, REFUSED_STREAM } from "./http2-codes.js";

/** How a request's HTTP/2 stream ended, when it was not with END_STREAM. */
export interface StreamEnd {
  /** Code of RST_STREAM, the peer's or the one the runtime gives to a lost connection. */
  readonly rstCode: number;
  /** What the stream or its session raised. */
  readonly cause: unknown;
  /** Response headers were seen. */
  readonly responded: boolean;
  /** The peer's GOAWAY names this stream as one it never looked at. */
  readonly aboveGoaway: boolean;
}

/** Why no connection could be opened. Nothing was sent. */
export function errorFromDial(thrown: unknown, origin: string): S2Error {
  if (thrown instanceof S2Error) return thrown;
  const code = codeOf(thrown);
  if (code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" || code === "ERR_HTTP2_ERROR")
    return notHttp2(origin, thrown);
  const why = describe(thrown);
  const isTls = !NOT_TLS.test(why);
  return new S2Error({
    message: `Could not connect to ${origin}: ${isTls ? "" : "this is no TLS, as https: demands: "}${why}`,
    code: "CONNECT_FAILED",
    cause: thrown,
    ...(isCertificateError(code) || REFUSED_CLIENT.test(why) ? { retryable: false } : {}),
  });
}

/** The dial took longer than `connectionTimeoutMillis`. */
export function dialTimeout(origin: string, millis: number): S2Error {
  return new S2Error({
    message: `Could not connect to ${origin} within ${millis} ms`,
    code: "CONNECT_FAILED",
  });
}

/** The endpoint answers, but not in HTTP/2: no other attempt will change that. */
export function notHttp2(origin: string, cause?: unknown): S2Error {
  return new S2Error({
    message: `${origin} does not speak HTTP/2, which the s2s transport needs. Use the fetch transport for this endpoint.`,
    code: "UNSUPPORTED",
    cause,
  });
}

/** A stream that ended by anything but END_STREAM. */
export function errorFromStreamEnd(end: StreamEnd): S2Error {
  const { rstCode, cause } = end;
  // RFC 9113, 8.7: both prove that the request was not processed. After response headers neither can be true.
  if (!end.responded && (rstCode === REFUSED_STREAM || end.aboveGoaway)) {
    return new S2Error({ message: "The server refused the request", code: "REQUEST_REFUSED", cause });
  }
  if (rstCode === HTTP_1_1_REQUIRED) {
    return new S2Error({ message: "The server demands HTTP/1.1", code: "UNSUPPORTED", cause });
  }
  const why = cause === undefined ? `the stream was reset with code ${rstCode}` : describe(cause);
  return new S2Error({ message: `The connection broke: ${why}`, code: "CONNECTION_LOST", cause });
}

/** The response ended in the middle of a frame. */
export function truncatedResponse(): S2Error {
  return new S2Error({ message: "The response ended in the middle of a frame", code: "CONNECTION_LOST" });
}

/** `request()` itself threw: nothing was sent. */
export function errorFromRequest(thrown: unknown): S2Error {
  if (thrown instanceof S2Error) return thrown;
  const code = codeOf(thrown);
  // The session ended between the pool's choice and the request.
  if (
    code.startsWith("ERR_HTTP2_INVALID_SESSION") ||
    code === "ERR_HTTP2_GOAWAY_SESSION" ||
    code === "ERR_HTTP2_OUT_OF_STREAMS"
  ) {
    return new S2Error({
      message: `The connection takes no requests: ${describe(thrown)}`,
      code: "REQUEST_REFUSED",
      cause: thrown,
    });
  }
  return new S2Error({
    message: `The request cannot be sent: ${describe(thrown)}`,
    code: "INVALID_ARGUMENT",
    cause: thrown,
  });
}

function isCertificateError(code: string): boolean {
  // What OpenSSL cannot even read has a code of its own.
  return CERTIFICATE_ERRORS.has(code) || code.startsWith("ERR_TLS_") || code.startsWith("ERR_OSSL_");
}

/** The alerts by which a server refuses a client for want of a good certificate. */
const REFUSED_CLIENT = /SSL alert number (4[02-689]|116)\b/;

/** What OpenSSL says of a server that speaks something else. */
const NOT_TLS = /:(wrong version number|unknown protocol|packet length too long|http request):/;

/** Codes of OpenSSL's verification that say the certificate itself is not accepted. */
const CERTIFICATE_ERRORS: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_REJECTED",
  "CERT_UNTRUSTED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_CHAIN_TOO_LONG",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "HOSTNAME_MISMATCH",
]);

function codeOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}

function describe(thrown: unknown): string {
  // Node gives an AggregateError without a message when every address of a name failed.
  if (thrown instanceof AggregateError && thrown.message === "")
    return thrown.errors.map(describe).join(", ");
  return thrown instanceof Error ? thrown.message : String(thrown);
}
