import {
  type AppendEvents,
  type AppendLink,
  type AttemptOptions,
  type EncodedBatch,
  S2Error,
  sessionClosedError,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { decodeAppendAck, errorFromResponse, FRAME_HEAD_BYTES } from "@s2-dev/streamstore-core/wire";
import { encodeBody, headersOf, isWorthCompressing, readErrorBody } from "./body.js";
import { type Call, startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import { errorFromFetch } from "./map-error.js";

const PROTOBUF = { "content-type": "application/protobuf", accept: "application/protobuf" } as const;

/**
 * Opens one attempt at an append session: one protobuf POST at a time, the batch without its frame head. There is
 * nothing to open, so `opened` comes by itself and the first batch reports what is wrong.
 */
export function openAppendLink(
  request: WireRequest,
  events: AppendEvents,
  options: AttemptOptions,
  context: FetchContext,
): AppendLink {
  let call: Call | undefined;
  let posting = false;
  let open = false;
  let finishing = false;
  let ended = false;
  let started = 0;
  let letGo: (() => void) | undefined;

  function end(error: S2Error | null): void {
    if (ended) return;
    release();
    events.ended(error);
  }

  function release(): void {
    ended = true;
    context.open.delete(stop);
    letGo?.();
    letGo = undefined;
  }

  /** Ends the link from outside. */
  function stop(error: S2Error): void {
    call?.cancel(error);
    end(error);
  }

  async function post(batch: EncodedBatch): Promise<void> {
    const { compressor } = context.runtime;
    let body = batch.frame.subarray(FRAME_HEAD_BYTES);
    let headers: Readonly<Record<string, string>> = PROTOBUF;
    if (isWorthCompressing(body, compressor)) {
      const encoded = await encodeBody(body, compressor);
      body = encoded.body;
      headers = { ...PROTOBUF, ...encoded.headers };
      if (ended) return;
    }
    call = startCall({ ...request, body }, options, headers, context, () => {
      started += 1;
      // `fetch` shows nothing of the upload: handed over is the most that can be said.
      const batches = started;
      queueMicrotask(() => {
        if (!ended) events.taken(batches);
      });
    });
    await takeAnswer(await call.response);
  }

  async function takeAnswer(response: Response): Promise<void> {
    if (response.status !== 200) {
      const body = await readErrorBody(response);
      return end(refusal(response, body));
    }
    const body = new Uint8Array(await response.arrayBuffer());
    if (ended) return;
    // Whatever is not an ack, an empty body or a page of HTML, throws PROTOCOL_ERROR: the outcome is unknown.
    const ack = decodeAppendAck(body);
    posting = false;
    call = undefined;
    letGo?.();
    letGo = undefined;
    events.acks([ack]);
    if (ended) return;
    if (finishing) end(null);
    else events.writable();
  }

  context.open.add(stop);
  queueMicrotask(() => {
    if (ended) return;
    if (context.closed) return end(sessionClosedError("The transport"));
    open = true;
    events.opened();
  });

  return {
    get started() {
      return started;
    },
    send(batch) {
      if (!open || ended || finishing || posting) throw misuse();
      posting = true;
      letGo = context.runtime.hold();
      post(batch).catch((thrown: unknown) => end(errorFromFetch(thrown)));
      return false;
    },
    finish() {
      if (finishing || ended) return;
      finishing = true;
      if (!posting) queueMicrotask(() => end(null));
    },
    abort(reason) {
      if (ended) return;
      release();
      call?.cancel(reason);
    },
  };
}

function refusal(response: Response, body: Uint8Array): S2Error {
  if (!response.ok) return errorFromResponse(response.status, body, headersOf(response));
  return new S2Error({
    message: `An append was answered with status ${response.status}`,
    code: "PROTOCOL_ERROR",
    status: response.status,
  });
}

function misuse(): S2Error {
  return new S2Error({
    message: "send() was called when the append link takes no batch",
    code: "INTERNAL_ERROR",
  });
}
