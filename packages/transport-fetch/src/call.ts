import { sessionClosedError } from "@s2-dev/streamstore-core/client";
import type { AttemptOptions, WireRequest } from "@s2-dev/streamstore-core/transport";
import type { FetchContext } from "./context.js";
import type { BodySource, Call, CallEvents } from "./runtime.js";

/** A request as it goes out: with `extra` headers, and perhaps another body. */
export interface Sending {
  readonly extra: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | BodySource | undefined;
}

/** Sends a request with all that belongs to the attempt. Never throws; no event before it returns. */
export function startCall(
  request: WireRequest,
  options: AttemptOptions,
  { extra, body = request.body }: Sending,
  { runtime, closed }: FetchContext,
  events: CallEvents,
): Call {
  if (closed) {
    queueMicrotask(() => events.ended(sessionClosedError("The transport")));
    return NOT_SENT;
  }
  const headers: Record<string, string> = { ...runtime.headers, ...request.headers, ...extra };
  if (options.authorization !== "") headers.authorization = options.authorization;
  return runtime.send({ method: request.method, url: request.url, headers, body }, events);
}

const NOT_SENT: Call = { started: false, written: false, flow() {}, cancel() {} };
