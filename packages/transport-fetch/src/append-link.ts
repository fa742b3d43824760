import { decodeAppendAck, errorFromResponse } from "@s2-dev/streamstore-core/appending";
import { FRAME_HEAD_BYTES, S2Error, sessionClosedError } from "@s2-dev/streamstore-core/client";
import type {
  AppendAck,
  AppendEvents,
  AppendLink,
  AttemptOptions,
  EncodedBatch,
  FramePlace,
  WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { type Body, createBody, encodeBody, isWorthCompressing, MAX_ERROR_BODY_BYTES } from "./body.js";
import { type Sending, startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import type { AppendProtocol } from "./protocols.js";
import { redactBody, redactError } from "./redact.js";
import type { Answer, Call } from "./runtime.js";

const PROTOBUF = { "content-type": "application/protobuf", accept: "application/protobuf" } as const;

/** Appends by one POST at a time: what every runtime can do. */
export const postedAppends: AppendProtocol = {
  check() {},
  open: (request, events, options, context) => new PostingAppendLink(request, events, options, context),
};

/**
 * One attempt at an append session: one protobuf POST at a time, the batch without its frame head. There is nothing to
 * open, so `opened` comes by itself and the first batch reports what is wrong.
 */
class PostingAppendLink implements AppendLink {
  readonly #request: WireRequest;
  readonly #events: AppendEvents;
  readonly #options: AttemptOptions;
  readonly #context: FetchContext;
  readonly #stop = (error: S2Error): void => this.#end(error, error);
  #call: Call | undefined;
  #place: FramePlace | undefined;
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
    this.#place = batch.place;
    const body = batch.frame.subarray(FRAME_HEAD_BYTES);
    const { compressor } = this.#context.runtime;
    if (isWorthCompressing(body, compressor)) {
      encodeBody(body, compressor).then(
        (encoded) => this.#post({ body: encoded.body, extra: { ...PROTOBUF, ...encoded.extra } }),
        (thrown: unknown) => this.#end(this.#context.runtime.errorFrom(thrown)),
      );
    } else this.#post({ body, extra: PROTOBUF });
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

  #post(sending: Sending): void {
    if (this.#ended) return;
    let answer: Answer | undefined;
    const body = createBody();
    this.#call = startCall(this.#request, this.#options, sending, this.#context, {
      answered: (head) => {
        answer = head;
      },
      data: (chunk) => {
        body.push(chunk);
        if (body.length > MAX_ERROR_BODY_BYTES) this.#takeAnswer(answer, body, null);
      },
      ended: (error) => this.#takeAnswer(answer, body, error),
    });
    this.#started += 1;
    const batches = this.#started;
    // Nothing shows of the upload: handed over is the most that can be said.
    queueMicrotask(() => {
      if (!this.#ended) this.#events.taken(batches);
    });
  }

  #takeAnswer(answer: Answer | undefined, body: Body, error: S2Error | null): void {
    if (this.#ended) return;
    // What was refused is refused, even when the explanation was cut.
    if (answer !== undefined && answer.status !== 200) return this.#end(this.#refusal(answer, body.bytes()));
    if (error !== null) return this.#end(error);
    let ack: AppendAck;
    try {
      ack = decodeAppendAck(body.bytes());
    } catch (thrown) {
      // Whatever is not an ack, an empty body or a page of HTML: the outcome is unknown.
      return this.#end(this.#context.runtime.errorFrom(thrown));
    }
    // A server may answer before it has read a batch to its end.
    if (this.#call?.written) this.#place?.release();
    this.#posting = false;
    this.#call = undefined;
    this.#updateHold();
    this.#events.acks([ack]);
    if (this.#ended) return;
    if (this.#finishing) this.#end(null);
    else this.#events.writable();
  }

  #refusal({ status, headers }: Answer, body: Uint8Array): S2Error {
    if (status < 200 || status > 299) {
      return errorFromResponse(status, redactBody(status, body, this.#options), headers);
    }
    return new S2Error({
      message: `An append was answered with status ${status}`,
      code: "PROTOCOL_ERROR",
      status,
    });
  }

  /** `cancelWith`: why the request in flight, if any, is given up. */
  #end(error: S2Error | null, cancelWith?: S2Error): void {
    if (this.#ended) return;
    this.#release(cancelWith);
    this.#events.ended(error === null ? null : redactError(error, this.#options));
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

function misuse(): S2Error {
  return new S2Error({
    message: "send() was called when the append link takes no batch",
    code: "INTERNAL_ERROR",
  });
}
