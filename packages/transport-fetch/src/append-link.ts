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
  return new PostingAppendLink(request, events, options, context);
}

class PostingAppendLink implements AppendLink {
  readonly #request: WireRequest;
  readonly #events: AppendEvents;
  readonly #options: AttemptOptions;
  readonly #context: FetchContext;
  readonly #stop = (error: S2Error): void => this.#end(error, error);
  #call: Call | undefined;
  #letGo: (() => void) | undefined;
  #open = false;
  #posting = false;
  #finishing = false;
  #ended = false;
  #started = 0;

  constructor(request: WireRequest, events: AppendEvents, options: AttemptOptions, context: FetchContext) {
    this.#request = request;
    this.#events = events;
    this.#options = options;
    this.#context = context;
    context.open.add(this.#stop);
    queueMicrotask(() => this.#begin());
  }

  get started(): number {
    return this.#started;
  }

  send(batch: EncodedBatch): boolean {
    if (!this.#open || this.#ended || this.#finishing || this.#posting) throw misuse();
    this.#posting = true;
    this.#letGo = this.#context.runtime.hold();
    this.#post(batch).catch((thrown: unknown) => this.#end(errorFromFetch(thrown)));
    return false;
  }

  finish(): void {
    if (this.#finishing || this.#ended) return;
    this.#finishing = true;
    if (!this.#posting) queueMicrotask(() => this.#end(null));
  }

  abort(reason: S2Error): void {
    if (!this.#ended) this.#release(reason);
  }

  #begin(): void {
    if (this.#ended) return;
    if (this.#context.closed) return this.#end(sessionClosedError("The transport"));
    this.#open = true;
    this.#events.opened();
  }

  async #post(batch: EncodedBatch): Promise<void> {
    const { compressor } = this.#context.runtime;
    let body = batch.frame.subarray(FRAME_HEAD_BYTES);
    let headers: Readonly<Record<string, string>> = PROTOBUF;
    if (isWorthCompressing(body, compressor)) {
      const encoded = await encodeBody(body, compressor);
      body = encoded.body;
      headers = { ...PROTOBUF, ...encoded.headers };
      if (this.#ended) return;
    }
    const request = { ...this.#request, body };
    this.#call = startCall(request, this.#options, headers, this.#context, () => this.#handedOver());
    await this.#takeAnswer(await this.#call.response);
  }

  /** `fetch` shows nothing of the upload: handed over is the most that can be said. */
  #handedOver(): void {
    this.#started += 1;
    const batches = this.#started;
    queueMicrotask(() => {
      if (!this.#ended) this.#events.taken(batches);
    });
  }

  async #takeAnswer(response: Response): Promise<void> {
    if (response.status !== 200) return this.#end(refusal(response, await readErrorBody(response)));
    const body = new Uint8Array(await response.arrayBuffer());
    if (this.#ended) return;
    // Whatever is not an ack, an empty body or a page of HTML, throws PROTOCOL_ERROR: the outcome is unknown.
    const ack = decodeAppendAck(body);
    this.#posting = false;
    this.#call = undefined;
    this.#updateHold();
    this.#events.acks([ack]);
    if (this.#ended) return;
    if (this.#finishing) this.#end(null);
    else this.#events.writable();
  }

  /** `cancelWith`: why the request in flight, if any, is given up. */
  #end(error: S2Error | null, cancelWith?: S2Error): void {
    if (this.#ended) return;
    this.#release(cancelWith);
    this.#events.ended(error);
  }

  #release(cancelWith: S2Error | undefined): void {
    this.#ended = true;
    this.#context.open.delete(this.#stop);
    if (cancelWith !== undefined) this.#call?.cancel(cancelWith);
    this.#updateHold();
  }

  /** The process stays alive for an ack. */
  #updateHold(): void {
    if (this.#posting && !this.#ended) return;
    this.#letGo?.();
    this.#letGo = undefined;
  }
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
