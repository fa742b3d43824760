import {
  type AttemptOptions,
  createDeferred,
  ignoreRejection,
  S2Error,
  sessionClosedError,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import type { FetchContext } from "./context.js";
import { errorFromFetch } from "./map-error.js";
import type { FetchLike } from "./runtime.js";

/** One `fetch` that can be given up at any time, whatever the `fetch` at hand does about its signal. */
export interface Call {
  /** `fetch` has been called: something may have left. */
  readonly started: boolean;
  /** Rejects with an `S2Error`. */
  readonly response: Promise<Response>;
  /** Gives up: the response rejects with the reason, or its body breaks off. Does nothing the second time. */
  cancel(reason: S2Error): void;
}

/** Calls `fetch`: at once when it is loaded already. `onStarted` runs when it has been called. */
export function startCall(
  request: WireRequest,
  options: AttemptOptions,
  extra: Readonly<Record<string, string>>,
  context: FetchContext,
  onStarted: () => void = () => {},
): Call {
  const { runtime } = context;
  const controller = new AbortController();
  const answer = createDeferred<Response>();
  ignoreRejection(answer.promise);
  let started = false;
  let cancelled = false;

  function run(fetch: FetchLike): void {
    if (cancelled) return;
    started = true;
    let response: Promise<Response>;
    try {
      response = fetch(request.url, requestInit(request, options, extra, context, controller.signal));
    } catch (thrown) {
      // A `fetch` that throws has refused its arguments.
      answer.reject(errorFromFetch(thrown));
      return;
    }
    onStarted();
    response.then(take, (thrown: unknown) => answer.reject(errorFromFetch(thrown)));
  }

  function take(response: Response): void {
    if (cancelled) discardBody(response);
    else if (response.type === "opaqueredirect") answer.reject(redirected());
    else answer.resolve(response);
  }

  function begin(): void {
    if (context.closed) return answer.reject(sessionClosedError("The transport"));
    const fetch = runtime.fetch();
    if (typeof fetch === "function") run(fetch);
    else fetch.then(run, (thrown: unknown) => answer.reject(errorFromFetch(thrown)));
  }

  begin();

  return {
    get started() {
      return started;
    },
    response: answer.promise,
    cancel(reason) {
      if (cancelled) return;
      cancelled = true;
      answer.reject(reason);
      controller.abort(reason);
    },
  };
}

/** Only fields that every runtime takes; Deno and workerd refuse some of the standard's. */
function requestInit(
  request: WireRequest,
  options: AttemptOptions,
  extra: Readonly<Record<string, string>>,
  { runtime }: FetchContext,
  signal: AbortSignal,
): RequestInit {
  const headers: Record<string, string> = { ...runtime.headers, ...request.headers, ...extra };
  if (options.authorization !== "") headers.authorization = options.authorization;
  const init: RequestInit = { ...runtime.init, method: request.method, headers, redirect: "manual", signal };
  if (request.body !== undefined) init.body = request.body as BodyInit;
  return init;
}

/** Lets go of a body that nobody will read, and with it of its connection. */
export function discardBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}

function redirected(): S2Error {
  return new S2Error({
    message: "The server answered with a redirect, which is not followed: the access token would go along",
    code: "PROTOCOL_ERROR",
  });
}
