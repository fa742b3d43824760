import { describe, expect, it } from "vitest";
import { errorFromFetch } from "./map-error.js";

function failure(message: string, code?: string, cause?: unknown, syscall?: string): Error {
  const error = new TypeError(message, cause === undefined ? undefined : { cause });
  return Object.assign(error, code === undefined ? {} : { code }, syscall === undefined ? {} : { syscall });
}

function undici(code: string, message = code, syscall?: string): Error {
  return failure("fetch failed", undefined, failure(message, code, undefined, syscall));
}

/** Seen on Node.js 20 and 22 with undici 7, Bun 1.4 and Deno 2.9; browsers' texts as their sources have them. */
const CONNECT_FAILURES: readonly [runtime: string, thrown: unknown][] = [
  ["Node.js: refused", undici("ECONNREFUSED")],
  [
    "Node.js: refused on every address of a name",
    failure("fetch failed", undefined, Object.assign(new AggregateError([]), { code: "ECONNREFUSED" })),
  ],
  ["Node.js: unknown name", undici("ENOTFOUND", "getaddrinfo ENOTFOUND nope.invalid", "getaddrinfo")],
  ["Node.js: no name service", undici("EAI_AGAIN")],
  ["Node.js: no route", undici("EHOSTUNREACH")],
  ["Node.js: no network", undici("ENETUNREACH")],
  ["Node.js: connect timed out in the kernel", undici("ETIMEDOUT", "connect ETIMEDOUT", "connect")],
  ["undici: connect timed out [D1-29]", undici("UND_ERR_CONNECT_TIMEOUT")],
  [
    "Node.js: the TLS handshake was cut",
    undici("ECONNRESET", "Client network socket disconnected before secure TLS connection was established"),
  ],
  [
    "Bun 1.4: refused",
    failure("ECONNREFUSED: Unable to connect. Is the computer able to access the url?", "ECONNREFUSED"),
  ],
  [
    "Bun 1.2: refused",
    failure("Unable to connect. Is the computer able to access the url?", "ConnectionRefused"),
  ],
  ["Bun 1.2: no socket", failure("Was there a typo in the url or port?", "FailedToOpenSocket")],
  [
    "Deno: unknown name",
    failure(
      "fetch failed",
      undefined,
      new Error(
        "error sending request for url (http://nope.invalid/): client error (Connect): dns error: failed to lookup address information: Name or service not known",
      ),
    ),
  ],
  [
    "Deno: refused",
    failure(
      "error sending request for url (http://127.0.0.1:9/): client error (Connect): tcp connect error: Connection refused (os error 111)",
    ),
  ],
];

const LOSSES: readonly [runtime: string, thrown: unknown][] = [
  ["undici: cut before the headers", undici("UND_ERR_SOCKET", "other side closed")],
  ["undici: reset", undici("ECONNRESET", "read ECONNRESET", "read")],
  [
    "undici: cut in the body",
    failure("terminated", undefined, failure("other side closed", "UND_ERR_SOCKET")),
  ],
  ["undici: no headers", undici("UND_ERR_HEADERS_TIMEOUT")],
  [
    "undici: no body",
    failure("terminated", undefined, failure("Body Timeout Error", "UND_ERR_BODY_TIMEOUT")),
  ],
  ["Node.js: broken pipe", undici("EPIPE")],
  ["Node.js: timed out while reading", undici("ETIMEDOUT", "read ETIMEDOUT", "read")],
  ["Chrome: no answer", new TypeError("Failed to fetch")],
  ["Chrome: cut in the body", new TypeError("network error")],
  ["Firefox: no answer", new TypeError("NetworkError when attempting to fetch resource.")],
  ["Firefox: cut in the body", new TypeError("Error in input stream")],
  ["Safari: no answer", new TypeError("Load failed")],
  ["Safari: cut", new TypeError("The network connection was lost.")],
  [
    "Bun: cut",
    failure(
      "ECONNRESET: The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()",
      "ECONNRESET",
    ),
  ],
  [
    "Bun 1.2: cut",
    Object.assign(
      new Error(
        "The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()",
      ),
      { code: "ConnectionClosed" },
    ),
  ],
  [
    "Deno: cut before the headers",
    failure(
      "fetch failed",
      undefined,
      new Error(
        "error sending request from 127.0.0.1:47080 for http://127.0.0.1:33315/cut (127.0.0.1:33315): client error (SendRequest): connection closed before message completed",
      ),
    ),
  ],
  ["Deno: cut in the body", new TypeError("error reading a body from connection")],
  ["workerd: cut", new Error("Network connection lost.")],
  ["an injected fetch: a TypeError nobody knows", new TypeError("something about the network")],
  ["an injected fetch: an abort of its own", new DOMException("The operation was aborted.", "AbortError")],
];

describe("mapping the failures of fetch", () => {
  it.each(CONNECT_FAILURES)("knows that nothing was sent: %s", (_runtime, thrown) => {
    expect(errorFromFetch(thrown)).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      retryable: true,
      cause: thrown,
    });
  });

  it.each(LOSSES)("takes a side effect for possible: %s [D1-58]", (_runtime, thrown) => {
    expect(errorFromFetch(thrown)).toMatchObject({
      code: "CONNECTION_LOST",
      sideEffect: "possible",
      retryable: true,
      cause: thrown,
    });
  });

  it("does not retry when the certificate is not accepted", () => {
    expect(errorFromFetch(undici("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"))).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      retryable: false,
    });
  });

  it.each([
    ["handshake failure", 40],
    ["bad certificate", 42],
    ["certificate unknown", 46],
    ["unknown ca", 48],
    ["certificate required", 116],
  ])("does not retry when the server wants another certificate of the client: %s", (alert, number) => {
    const message = `write EPROTO 80:error:0A000410:SSL routines:ssl3_read_bytes:tlsv1 alert ${alert}:rec_layer_s3.c:1601:SSL alert number ${number}\n`;
    expect(errorFromFetch(failure(message, "EPROTO"))).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      retryable: false,
    });
  });

  it("takes other alerts for what they are", () => {
    const thrown = new TypeError(
      "80:error:SSL routines:ssl3_read_bytes:tlsv1 alert internal error:SSL alert number 80\n",
    );
    expect(errorFromFetch(thrown)).toMatchObject({ code: "CONNECTION_LOST", retryable: true });
  });

  it("knows that nothing was sent to a server that speaks no TLS", () => {
    const message =
      "write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl3_record.c:350:\n";
    expect(
      errorFromFetch(Object.assign(new Error(message), { code: "EPROTO", syscall: "write" })),
    ).toMatchObject({
      code: "CONNECT_FAILED",
      sideEffect: "none",
      message: expect.stringContaining("no TLS"),
    });
  });

  it("does not repeat what was answered in something else than HTTP/1.1", () => {
    const thrown = Object.assign(new Error("Parse Error: Expected HTTP/"), { code: "HPE_INVALID_CONSTANT" });
    expect(errorFromFetch(thrown)).toMatchObject({
      code: "PROTOCOL_ERROR",
      sideEffect: "possible",
      retryable: false,
      message: "The answer is not HTTP/1.1: Parse Error: Expected HTTP/",
    });
  });

  it("does not retry a URL that is none", () => {
    expect(
      errorFromFetch(
        failure("Failed to parse URL from x", undefined, failure("Invalid URL", "ERR_INVALID_URL")),
      ),
    ).toMatchObject({
      code: "INVALID_ARGUMENT",
      retryable: false,
    });
  });

  it("does not retry what is no network error, even when its text mentions one [D1-57]", () => {
    const thrown = new RangeError("the server said: fetch failed");
    expect(errorFromFetch(thrown)).toMatchObject({ code: "INTERNAL_ERROR", retryable: false, cause: thrown });
  });

  it("survives causes that go in a circle, and values that are no errors", () => {
    const thrown = new TypeError("round and round");
    thrown.cause = thrown;
    expect(errorFromFetch(thrown).code).toBe("CONNECTION_LOST");
    expect(errorFromFetch(undefined).code).toBe("INTERNAL_ERROR");
  });
});
