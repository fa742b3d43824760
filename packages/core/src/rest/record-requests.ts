import { invalidArgument } from "../error/make.js";
import type { Endpoints } from "../model/endpoints.js";
import { MAX_UNARY_BODY } from "../model/limits.js";
import type { WireRequest } from "../transport/index.js";

/** Where requests go, and what they all carry. Header names in lower case. */
export interface RequestTarget {
  readonly endpoints: Endpoints;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A stream, as its requests name it. The names have been checked. */
export interface StreamTarget extends RequestTarget {
  readonly basin: string;
  readonly stream: string;
}

/*
 * The requests of the operations `read`, `append` and `check_tail`: what `buildRequest` makes of their rows (a test
 * compares them), without the table, so that a program that only moves records does not load it.
 */

/** The request of an append, without the body, which `withProtobuf` or its link adds. */
export function appendRequest(target: StreamTarget): WireRequest {
  return requestTo(target, "POST", "");
}

export function checkTailRequest(target: StreamTarget): WireRequest {
  return requestTo(target, "GET", "/tail");
}

/** A request for the records of a stream; `rest` follows their path. */
export function requestTo(target: StreamTarget, method: "GET" | "POST", rest: string): WireRequest {
  const { endpoints, headers, basin, stream } = target;
  const url = `${endpoints.basinBaseUrl(basin)}/streams/${encodeURIComponent(stream)}/records${rest}`;
  return {
    method,
    url,
    headers: endpoints.sendBasinHeader ? { ...headers, "s2-basin": basin } : { ...headers },
  };
}

/** The same request asking for a protobuf answer, and carrying a protobuf message if one is given. */
export function withProtobuf(request: WireRequest, message?: Uint8Array): WireRequest {
  const headers = { ...request.headers, accept: "application/protobuf" };
  if (message === undefined) return { ...request, headers };
  checkBodySize("the encoded batch", message);
  return { ...request, headers: { ...headers, "content-type": "application/protobuf" }, body: message };
}

/** Throws `INVALID_ARGUMENT` for a body larger than the service takes. */
export function checkBodySize(what: string, body: Uint8Array): void {
  if (body.length <= MAX_UNARY_BODY) return;
  throw invalidArgument(`${what} must be at most ${MAX_UNARY_BODY} bytes; got ${body.length}`);
}
