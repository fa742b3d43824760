import type { OutgoingHttpHeaders } from "node:http2";
import {
  type AttemptOptions,
  invalidArgument,
  show,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { http2Module } from "./builtins.js";
import type { S2sSettings } from "./settings.js";

/** @throws S2Error `INVALID_ARGUMENT` for what is not an `http:` or `https:` URL. */
export function parseTarget(url: string): URL {
  let target: URL;
  try {
    target = new URL(url);
  } catch {
    throw invalidArgument(`The request URL is not valid: ${show(url)}`);
  }
  if (target.protocol === "http:" || target.protocol === "https:") return target;
  throw invalidArgument(`The request URL must begin with http: or https:, not ${show(target.protocol)}`);
}

/** The headers of one attempt; `extra` is what this wire adds. */
export function requestHeaders(
  target: URL,
  request: WireRequest,
  options: AttemptOptions,
  settings: S2sSettings,
  extra: Readonly<Record<string, string>>,
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ":method": request.method,
    ":scheme": target.protocol.slice(0, -1),
    ":authority": target.host,
    ":path": target.pathname + target.search,
    "user-agent": settings.userAgent,
    ...request.headers,
    ...extra,
    // HPACK must not put it into a table that other requests of the connection can probe.
    [http2Module().sensitiveHeaders]: ["authorization", "s2-encryption-key"],
  };
  if (options.authorization !== "") headers.authorization = options.authorization;
  if (settings.codec !== undefined) headers["accept-encoding"] = settings.codec.name;
  return headers;
}

/** What makes a request a session: the service looks at the request's content type, on reads too. */
export const SESSION_HEADERS = { "content-type": "s2s/proto", accept: "application/protobuf" } as const;
