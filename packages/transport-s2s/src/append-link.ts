import {
  type AppendAck,
  type AppendEvents,
  type AppendLink,
  type AttemptOptions,
  type EncodedBatch,
  S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import {
  createFrameDecoder,
  decodeAppendAck,
  errorFromTerminalFrame,
  type Frame,
} from "@s2-dev/streamstore-core/wire";
import type { Codec } from "./compression.js";
import type { S2sContext } from "./context.js";
import { payloadOf } from "./frame-compression.js";
import { LinkStream } from "./link-stream.js";
import { truncatedResponse } from "./map-error.js";
import { createOutgoing, type FrameSink, type Outgoing } from "./outgoing.js";

/** Opens one attempt at an append session: POST, frames of batches up, frames of acks down. */
export function openAppendLink(
  request: WireRequest,
  events: AppendEvents,
  options: AttemptOptions,
  context: S2sContext,
): AppendLink {
  return new FramedAppendLink(request, events, options, context);
}

class FramedAppendLink implements AppendLink {
  readonly #events: AppendEvents;
  readonly #codec: Codec | undefined;
  readonly #stream: LinkStream;
  readonly #decoder = createFrameDecoder();
  #outgoing: Outgoing | undefined;
  #ended = false;
  #finishing = false;
  #sent = 0;
  #acked = 0;

  constructor(request: WireRequest, events: AppendEvents, options: AttemptOptions, context: S2sContext) {
    this.#events = events;
    this.#codec = context.settings.codec;
    this.#stream = LinkStream.open(request, options, false, context, {
      opened: (http2) => this.#open(http2),
      data: (chunk) => this.#readFrames(chunk),
      ended: (error) => this.#end(error ?? (this.#decoder.pendingBytes > 0 ? truncatedResponse() : null)),
    });
  }

  get started(): number {
    return this.#outgoing?.started ?? 0;
  }

  send(batch: EncodedBatch): boolean {
    if (this.#outgoing === undefined || this.#finishing || this.#ended) throw misuse();
    this.#sent += 1;
    this.#updateAwaited();
    return this.#outgoing.send(batch);
  }

  finish(): void {
    if (this.#finishing || this.#ended) return;
    this.#finishing = true;
    this.#updateAwaited();
    this.#outgoing?.finish();
  }

  abort(reason: S2Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outgoing?.drop();
    this.#stream.cancel(reason);
  }

  #open(http2: FrameSink): void {
    this.#outgoing = createOutgoing(http2, this.#codec, {
      taken: (batches) => this.#events.taken(batches),
      writable: () => this.#events.writable(),
      failed: (error) => this.#fail(s2ErrorFromUnknown(error, "A batch could not be compressed")),
    });
    this.#updateAwaited();
    this.#events.opened();
    if (this.#finishing && !this.#ended) this.#outgoing.finish();
  }

  /** The acks of one chunk are one event, and come before whatever else the chunk says. */
  #readFrames(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
    // Made with its first ack: most often there is one, and a list that it is pushed to takes five times as much.
    let acks: AppendAck[] | undefined;
    let advised = false;
    let failure: S2Error | undefined;
    try {
      for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
        if (frame.terminal) {
          failure = errorFromTerminalFrame(frame.payload);
          break;
        }
        const ack = this.#ackFromFrame(frame);
        if (acks === undefined) acks = [ack];
        else acks.push(ack);
        advised ||= frame.reconnectAdvised;
      }
    } catch (thrown) {
      failure = s2ErrorFromUnknown(thrown);
    }
    if (acks !== undefined) this.#giveAcks(acks);
    if (advised && !this.#ended) {
      this.#stream.retireConnection();
      this.#events.reconnectAdvised();
    }
    if (failure !== undefined && !this.#ended) this.#fail(failure);
  }

  #ackFromFrame(frame: Frame): AppendAck {
    return decodeAppendAck(payloadOf(frame, frame.payload, this.#codec));
  }

  #giveAcks(acks: readonly AppendAck[]): void {
    this.#acked += acks.length;
    this.#outgoing?.answered(this.#acked);
    this.#updateAwaited();
    this.#events.acks(acks);
  }

  /** Awaited is an ack, or the end after `finish`. */
  #updateAwaited(): void {
    this.#stream.setAwaited(this.#sent > this.#acked || this.#finishing);
  }

  /** Ends the link from this side. */
  #fail(error: S2Error): void {
    this.#stream.cancel(error);
    this.#end(error);
  }

  #end(error: S2Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outgoing?.drop();
    this.#events.ended(error);
  }
}

function misuse(): S2Error {
  return new S2Error({
    message: "send() was called outside of the open phase of an append link",
    code: "INTERNAL_ERROR",
  });
}
