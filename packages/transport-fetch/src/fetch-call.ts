import { protocolError, type S2Error } from "@s2-dev/streamstore-core/client";
import type { Call, CallEvents, FetchLike, FetchRuntime, OutgoingRequest } from "./runtime.js";

/** Sends a request by a `fetch`, whatever that does about its signal. */
export function sendByFetch(
  fetch: FetchLike,
  fields: Readonly<RequestInit>,
  errorFrom: FetchRuntime["errorFrom"],
  request: OutgoingRequest,
  events: CallEvents,
): Call {
  const controller = new AbortController();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let over = false;
  let wanted = true;
  let reading = false;

  function end(error: S2Error | null): void {
    if (over) return;
    over = true;
    events.ended(error);
  }
  const fail = (thrown: unknown): void => end(errorFrom(thrown));

  function readOn(): void {
    if (reading || over || !wanted || reader === undefined) return;
    reading = true;
    reader.read().then(({ done, value }) => {
      reading = false;
      if (over) return;
      if (done) return end(null);
      events.data(value);
      readOn();
    }, fail);
  }

  function take(response: Response): void {
    if (over) {
      response.body?.cancel().catch(noop);
      return;
    }
    if (response.type === "opaqueredirect") return end(redirected());
    const headers: Record<string, string> = {};
    response.headers.forEach((value, name) => {
      headers[name] = value;
    });
    reader = response.body?.getReader();
    events.answered({ status: response.status, headers });
    if (reader === undefined) end(null);
    else readOn();
  }

  try {
    fetch(request.url, requestInit(request, fields, controller.signal)).then(take, fail);
  } catch (thrown) {
    // A `fetch` that throws has refused its arguments.
    queueMicrotask(() => fail(thrown));
  }

  return {
    started: true,
    // Not every fetch copies what it is given, and none tells when it has sent it.
    written: false,
    flow(on) {
      wanted = on;
      readOn();
    },
    cancel(reason) {
      if (over) return;
      over = true;
      controller.abort(reason);
      reader?.cancel(reason).catch(noop);
    },
  };
}

/** Only fields that every runtime takes; Deno and workerd refuse some of the standard's. */
function requestInit(
  { method, headers, body }: OutgoingRequest,
  fields: Readonly<RequestInit>,
  signal: AbortSignal,
): RequestInit {
  const init: RequestInit = { ...fields, method, headers, redirect: "manual", signal };
  if (body === undefined) return init;
  if (!("next" in body)) return { ...init, body: body as BodyInit };
  return { ...init, body: body.stream(), duplex: "half" } as RequestInit;
}

export function redirected(): S2Error {
  return protocolError(
    "The server answered with a redirect, which is not followed: the access token would go along",
  );
}

function noop(): void {}
