import {
  abortedError,
  createDeferred,
  onAbort,
  protocolError,
  S2Error,
} from "@s2-dev/streamstore-core/client";
import type { AttemptOptions, WireRequest, WireResponse } from "@s2-dev/streamstore-core/transport";
import { createBody, encodeBody, isWorthCompressing } from "./body.js";
import { type Sending, startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import { redactBody, redactError } from "./redact.js";
import type { Answer, Call } from "./runtime.js";

/** Larger than any answer of the service: pages and batches stay below 3 MiB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Makes one unary call. */
export async function exchange(
  request: WireRequest,
  options: AttemptOptions & { readonly signal: AbortSignal },
  context: FetchContext,
): Promise<WireResponse> {
  const { signal } = options;
  if (signal.aborted) throw abortedError(signal.reason);
  const response = createDeferred<WireResponse>();
  let call: Call | undefined;
  let stopped = false;

  function stop(error: S2Error): void {
    stopped = true;
    response.reject(redactError(error, options));
    call?.cancel(error);
  }

  function send(sending: Sending): void {
    if (stopped) return;
    let answer: Answer | undefined;
    const body = createBody();
    call = startCall(request, options, sending, context, {
      answered: (head) => {
        answer = head;
      },
      data(chunk) {
        body.push(chunk);
        if (body.length > MAX_BODY_BYTES) stop(bodyTooLong());
      },
      ended(error) {
        if (error !== null || answer === undefined) return stop(error ?? noAnswer());
        const { status, headers } = answer;
        response.resolve({ status, headers, body: redactBody(status, body.bytes(), options) });
      },
    });
  }

  const letGo = context.runtime.hold();
  const removeListener = onAbort(signal, (reason) => {
    stop(abortedError(reason, call?.started === true ? "possible" : "none"));
  });
  context.open.add(stop);
  const { compressor } = context.runtime;
  const { body } = request;
  if (body !== undefined && isWorthCompressing(body, compressor)) {
    encodeBody(body, compressor).then(send, (thrown: unknown) => stop(context.runtime.errorFrom(thrown)));
  } else send({ extra: {} });
  try {
    return await response.promise;
  } finally {
    context.open.delete(stop);
    removeListener();
    letGo();
  }
}

function bodyTooLong(): S2Error {
  return protocolError(`The response is longer than ${MAX_BODY_BYTES} bytes`);
}

function noAnswer(): S2Error {
  return new S2Error({ message: "The request ended without an answer", code: "CONNECTION_LOST" });
}
