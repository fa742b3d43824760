import {
  type AttemptOptions,
  abortedError,
  createDeferred,
  onAbort,
  type S2Error,
  type WireRequest,
  type WireResponse,
} from "@s2-dev/streamstore-core/transport";
import { encodeBody, headersOf, isWorthCompressing } from "./body.js";
import { type Call, startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import { errorFromFetch } from "./map-error.js";

/** Makes one unary call. */
export async function exchange(
  request: WireRequest,
  options: AttemptOptions & { readonly signal: AbortSignal },
  context: FetchContext,
): Promise<WireResponse> {
  const { signal } = options;
  if (signal.aborted) throw abortedError(signal.reason);
  const answer = createDeferred<WireResponse>();
  let call: Call | undefined;
  let stopped = false;

  function stop(error: S2Error): void {
    stopped = true;
    answer.reject(error);
    call?.cancel(error);
  }

  async function run(): Promise<WireResponse> {
    const { compressor } = context.runtime;
    let prepared = request;
    let extra: Readonly<Record<string, string>> = {};
    if (request.body !== undefined && isWorthCompressing(request.body, compressor)) {
      const { body, headers } = await encodeBody(request.body, compressor);
      prepared = { ...request, body };
      extra = headers;
    }
    if (stopped) return answer.promise;
    call = startCall(prepared, options, extra, context);
    const response = await call.response;
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: headersOf(response), body };
  }

  const letGo = context.runtime.hold();
  const removeListener = onAbort(signal, (reason) => {
    stop(abortedError(reason, call?.started === true ? "possible" : "none"));
  });
  context.open.add(stop);
  run().then(answer.resolve, (thrown: unknown) => answer.reject(errorFromFetch(thrown)));
  try {
    return await answer.promise;
  } finally {
    context.open.delete(stop);
    removeListener();
    letGo();
  }
}
