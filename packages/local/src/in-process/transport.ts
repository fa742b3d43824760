import {
  type AttemptOptions,
  abortedError,
  createDeferred,
  onAbort,
  S2Error,
  type Transport,
  type WireRequest,
  type WireResponse,
} from "@s2-dev/streamstore-core/transport";
import type { AnswerHeaders, Exchange } from "../http/exchange.js";
import { MemoryAppendLink } from "./append-link.js";
import { createInProcess, type InProcess, transportClosed } from "./in-process.js";
import { startCall } from "./memory-call.js";
import { MemoryReadLink } from "./read-link.js";

/** A transport to an application in this process. */
export interface InProcessTransport extends Transport {
  /** Resolves when nothing is open. */
  idle(): Promise<void>;
}

/** A transport to an application in this process: requests and answers as on a wire, without a socket between. */
export function createInProcessTransport(serve: (exchange: Exchange) => void): InProcessTransport {
  const context = createInProcess(serve);
  return {
    name: "in-process",
    exchange: (request, options) => exchange(context, request, options),
    openAppend: (request, events, options) => new MemoryAppendLink(context, request, events, options),
    openRead: (request, format, options) => new MemoryReadLink(context, request, format, options),
    idle: () => context.idle(),
    async close() {
      context.isClosed = true;
      for (const end of [...context.open]) end(transportClosed());
    },
  };
}

/** Makes one unary call. */
async function exchange(
  context: InProcess,
  request: WireRequest,
  options: AttemptOptions & { readonly signal: AbortSignal },
): Promise<WireResponse> {
  const { signal } = options;
  if (context.isClosed) throw transportClosed();
  if (signal.aborted) throw abortedError(signal.reason);
  const answer = createDeferred<WireResponse>();
  const chunks: Uint8Array[] = [];
  let status = 0;
  let headers: AnswerHeaders = {};
  const call = startCall(context.serve, context.connection, request, options, {
    head(code, fields) {
      status = code;
      headers = fields;
    },
    data(chunk, taken) {
      chunks.push(chunk);
      taken();
    },
    writable: () => undefined,
    ended(error) {
      const body = Buffer.concat(chunks);
      const length = headers["content-length"];
      if (error !== null) answer.reject(error);
      else if (length !== undefined && Number(length) !== body.length) answer.reject(cutOff());
      else answer.resolve({ status, headers, body });
    },
  });
  const stop = (error: S2Error): void => {
    call.cancel();
    answer.reject(error);
  };
  const removeListener = onAbort(signal, (reason) => stop(abortedError(reason, "possible")));
  const release = context.hold.acquire();
  context.open.add(stop);
  if (request.body !== undefined) call.write(request.body);
  call.end();
  try {
    return await answer.promise;
  } finally {
    removeListener();
    release();
    context.open.delete(stop);
  }
}

function cutOff(): S2Error {
  return new S2Error({ message: "The response ended before its length", code: "CONNECTION_LOST" });
}
