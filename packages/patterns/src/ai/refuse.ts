import { type S2Error, s2ErrorFromUnknown } from "@s2-dev/streamstore-core";
import { type Refusal, refusalOf } from "../sse/refusal.js";
import type { UiResponseInit } from "./answer.js";

/** What a browser is told of a failure; `onError` is told of one that lies behind the server. */
export function refusalFor(thrown: unknown, onError: (error: S2Error) => void): Refusal {
  const error = s2ErrorFromUnknown(thrown);
  const refusal = refusalOf(error) ?? UNAVAILABLE;
  if (refusal.status >= 500) onError(error);
  return refusal;
}

const UNAVAILABLE: Refusal = {
  status: 503,
  body: { code: "unavailable", message: "The stream cannot be reached at the moment." },
};

/** The response that says it, with further headers of the program's own. */
export function refuse({ status, body }: Refusal, headers?: UiResponseInit["headers"]): Response {
  const all = new Headers(headers);
  all.set("content-type", "application/json");
  all.set("cache-control", "no-store");
  return new Response(JSON.stringify(body), { status, headers: all });
}
