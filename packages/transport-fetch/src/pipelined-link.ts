import {
  type AppendAck,
  type AppendEvents,
  type AppendLink,
  type AttemptOptions,
  type Clock,
  type EncodedBatch,
  S2Error,
  s2ErrorFromUnknown,
  sessionClosedError,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import {
  createFrameDecoder,
  decodeAppendAck,
  errorFromResponse,
  errorFromTerminalFrame,
} from "@s2-dev/streamstore-core/wire";
import { type Body, createBody, MAX_ERROR_BODY_BYTES } from "./body.js";
import { startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import { payloadOf } from "./frame-payload.js";
import { FrameQueue } from "./frame-queue.js";
import { truncatedResponse } from "./network-error.js";
import { PostedRest } from "./posted-rest.js";
import { redactBody, redactError } from "./redact.js";
import type { Answer, Call } from "./runtime.js";
import { acceptEncoding, SESSION_HEADERS } from "./session-headers.js";

/** Statuses of those who take no request without a length. */
const NO_STREAMING: ReadonlySet<number> = new Set([411, 501, 505]);

/** How a link finds out whether its wire is full duplex, unless that is known. */
export interface DuplexProbe {
  readonly millis: number;
  readonly clock: Clock;
  readonly verdicts: Map<string, boolean>;
  readonly origin: string;
}

/**
 * One attempt at an append session over a streamed request. A request without a byte of body need not leave, so it is
 * made for the first batch, and `opened` comes by itself.
 */
export class PipelinedAppendLink implements AppendLink {
  readonly #request: WireRequest;
  readonly #events: AppendEvents;
  readonly #options: AttemptOptions;
  readonly #context: FetchContext;
  readonly #probe: DuplexProbe;
  readonly #queue: FrameQueue;
  readonly #frames = createFrameDecoder();
  readonly #stop = (error: S2Error): void => this.#fail(error);
  #call: Call | undefined;
  #stopProbing: (() => void) | undefined;
  /** Sent while nothing is known yet: should the wire not be full duplex, they go another way. */
  #tentative: EncodedBatch[] = [];
  /** The other way, once it is taken. */
  #rest: PostedRest | undefined;
  #refusal: { readonly answer: Answer; readonly body: Body } | undefined;
  #open = false;
  #finishing = false;
  #ended = false;
  #sent = 0;
  #acked = 0;
  #letGo: (() => void) | undefined;

  constructor(
    request: WireRequest,
    events: AppendEvents,
    options: AttemptOptions,
    context: FetchContext,
    probe: DuplexProbe,
  ) {
    this.#request = request;
    this.#events = events;
    this.#options = options;
    this.#context = context;
    this.#probe = probe;
    this.#queue = new FrameQueue(context.runtime.compressor, {
      taken: (batches) => events.taken(batches),
      writable: () => events.writable(),
      failed: (thrown) => this.#fail(s2ErrorFromUnknown(thrown, "A batch could not be compressed")),
    });
    context.open.add(this.#stop);
    queueMicrotask(() => this.#begin());
  }

  get started(): number {
    return this.#rest?.started ?? this.#queue.started;
  }

  send(batch: EncodedBatch): boolean {
    if (!this.#open || this.#ended || this.#finishing) throw misuse();
    if (this.#rest !== undefined) return this.#rest.send(batch);
    this.#sent += 1;
    this.#updateHold();
    if (this.#call === undefined) this.#start();
    if (this.#stopProbing !== undefined) this.#tentative.push(batch);
    return this.#queue.send(batch);
  }

  finish(): void {
    if (this.#finishing || this.#ended) return;
    this.#finishing = true;
    if (this.#rest !== undefined) return this.#rest.finish();
    this.#updateHold();
    if (this.#sent === 0) queueMicrotask(() => this.#end(null));
    else this.#queue.finish();
  }

  abort(reason: S2Error): void {
    if (this.#ended) return;
    this.#rest?.abort(reason);
    this.#release();
    this.#call?.cancel(reason);
  }

  #begin(): void {
    if (this.#ended) return;
    if (this.#context.closed) return this.#end(sessionClosedError("The transport"));
    this.#open = true;
    this.#events.opened();
  }

  #start(): void {
    const { verdicts, origin, clock, millis } = this.#probe;
    if (verdicts.get(origin) !== true) {
      this.#queue.hold();
      const stop = clock.timer(millis, () => this.#takeOtherWay(false), true);
      this.#stopProbing = stop;
    }
    const extra = { ...SESSION_HEADERS, ...acceptEncoding.headersFor(this.#context.runtime.codec) };
    this.#call = startCall(this.#request, this.#options, { extra, body: this.#queue }, this.#context, {
      answered: (answer) => this.#answered(answer),
      data: (chunk) => this.#take(chunk),
      ended: (error) => this.#bodyEnded(error),
    });
  }

  #answered(answer: Answer): void {
    const probing = this.#stopProbing !== undefined;
    if (answer.status !== 200) {
      if (probing && NO_STREAMING.has(answer.status)) return this.#takeOtherWay(false);
      this.#refusal = { answer, body: createBody() };
      return;
    }
    const type = answer.headers["content-type"] ?? "";
    if (!type.startsWith("s2s/proto")) return this.#fail(wrongType(type));
    if (!probing) return;
    this.#endProbe();
    this.#probe.verdicts.set(this.#probe.origin, true);
    this.#tentative = [];
    this.#queue.release();
  }

  #endProbe(): void {
    this.#stopProbing?.();
    this.#stopProbing = undefined;
  }

  /**
   * Nothing can have come of the head of a frame that was sent, so everything goes by the other way. `verdict` is what
   * later links are to know.
   */
  #takeOtherWay(verdict: boolean | undefined): void {
    this.#endProbe();
    if (verdict !== undefined) this.#probe.verdicts.set(this.#probe.origin, verdict);
    this.#context.open.delete(this.#stop);
    this.#queue.drop();
    this.#call?.cancel(truncatedResponse());
    this.#letGo?.();
    this.#letGo = undefined;
    const batches = this.#tentative;
    this.#tentative = [];
    this.#rest = new PostedRest(this.#request, this.#events, this.#options, this.#context, batches);
    if (this.#finishing) this.#rest.finish();
  }

  #take(chunk: Uint8Array): void {
    if (this.#refusal === undefined) return this.#readFrames(chunk);
    this.#refusal.body.push(chunk);
    if (this.#refusal.body.length > MAX_ERROR_BODY_BYTES) this.#bodyEnded(null);
  }

  /** The acks of one chunk are one event, and come before whatever else the chunk says. */
  #readFrames(chunk: Uint8Array): void {
    this.#frames.push(chunk);
    const acks: AppendAck[] = [];
    let advised = false;
    let failure: S2Error | undefined;
    try {
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        if (frame.terminal) {
          failure = errorFromTerminalFrame(frame.payload);
          break;
        }
        acks.push(decodeAppendAck(payloadOf(frame, frame.payload, this.#context.runtime.codec)));
        advised ||= frame.reconnectAdvised;
      }
    } catch (thrown) {
      failure = s2ErrorFromUnknown(thrown);
    }
    if (acks.length > 0) {
      this.#acked += acks.length;
      this.#queue.answered(this.#acked);
      this.#updateHold();
      this.#events.acks(acks);
    }
    if (advised && !this.#ended) this.#events.reconnectAdvised();
    if (failure !== undefined) this.#fail(failure);
  }

  #bodyEnded(error: S2Error | null): void {
    if (this.#refusal !== undefined) {
      const { answer, body } = this.#refusal;
      const explanation = redactBody(answer.status, body.bytes(), this.#options);
      // What was refused is refused, even when the explanation was cut.
      return this.#fail(errorFromResponse(answer.status, explanation, answer.headers));
    }
    // A wire that does not stream requests may break one instead of holding it back.
    if (this.#stopProbing !== undefined && error?.code === "CONNECTION_LOST")
      return this.#takeOtherWay(undefined);
    this.#end(error ?? (this.#frames.pendingBytes > 0 ? truncatedResponse() : null));
  }

  /** Ends the link from this side. */
  #fail(error: S2Error): void {
    if (this.#ended) return;
    this.#call?.cancel(error);
    this.#end(error);
  }

  #end(error: S2Error | null): void {
    if (this.#ended) return;
    this.#release();
    this.#events.ended(error === null ? null : redactError(error, this.#options));
  }

  #release(): void {
    this.#ended = true;
    this.#endProbe();
    this.#context.open.delete(this.#stop);
    this.#queue.drop();
    this.#updateHold();
  }

  /** The process stays alive for an ack, and for the end after `finish`. */
  #updateHold(): void {
    if (!this.#ended && (this.#sent > this.#acked || this.#finishing)) {
      this.#letGo ??= this.#context.runtime.hold();
      return;
    }
    this.#letGo?.();
    this.#letGo = undefined;
  }
}

function wrongType(type: string): S2Error {
  return new S2Error({
    message: `An append session was answered with ${type === "" ? "no content type" : type} instead of s2s/proto`,
    code: "PROTOCOL_ERROR",
  });
}

function misuse(): S2Error {
  return new S2Error({
    message: "send() was called outside of the open phase of an append link",
    code: "INTERNAL_ERROR",
  });
}
