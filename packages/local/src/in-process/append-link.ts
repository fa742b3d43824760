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
import { createFrameDecoder, decodeAppendAck, errorFromTerminalFrame } from "@s2-dev/streamstore-core/wire";
import type { InProcess } from "./in-process.js";
import { openLinkCall } from "./link-call.js";
import type { MemoryCall } from "./memory-call.js";

/** One attempt at an append session, without a socket. */
export class MemoryAppendLink implements AppendLink {
  readonly #events: AppendEvents;
  readonly #call: MemoryCall;
  readonly #context: InProcess;
  readonly #decoder = createFrameDecoder();
  #release: (() => void) | undefined;
  #started = 0;
  #acked = 0;
  #takenSoon = false;
  #isOpen = false;
  #finishing = false;
  #over = false;

  constructor(context: InProcess, request: WireRequest, events: AppendEvents, options: AttemptOptions) {
    this.#events = events;
    this.#context = context;
    this.#release = context.hold.acquire();
    this.#call = openLinkCall(context, request, options, {
      opened: () => this.#onOpened(),
      data: (chunk, taken) => {
        this.#readFrames(chunk);
        taken();
      },
      writable: () => {
        if (!this.#over) events.writable();
      },
      ended: (error) => this.#end(error ?? this.#truncation()),
    });
  }

  get started(): number {
    return this.#started;
  }

  send(batch: EncodedBatch): boolean {
    if (!this.#isOpen || this.#finishing || this.#over) {
      throw new S2Error({
        message: "send() was called outside of the open phase of an append link",
        code: "INTERNAL_ERROR",
      });
    }
    this.#started += 1;
    this.#updateHold();
    if (!this.#takenSoon) {
      this.#takenSoon = true;
      queueMicrotask(() => this.#tellTaken());
    }
    return this.#call.write(batch.frame);
  }

  finish(): void {
    if (this.#finishing || this.#over) return;
    this.#finishing = true;
    this.#updateHold();
    if (this.#isOpen) this.#call.end();
  }

  abort(): void {
    this.#over = true;
    this.#call.cancel();
    this.#updateHold();
  }

  #onOpened(): void {
    this.#isOpen = true;
    this.#updateHold();
    this.#events.opened();
    if (this.#finishing && !this.#over) this.#call.end();
  }

  #tellTaken(): void {
    this.#takenSoon = false;
    if (!this.#over) this.#events.taken(this.#started);
  }

  #readFrames(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#decoder.push(chunk);
    const acks: AppendAck[] = [];
    let advised = false;
    let failure: S2Error | undefined;
    try {
      for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
        if (frame.terminal) {
          failure = errorFromTerminalFrame(frame.payload);
          break;
        }
        acks.push(decodeAppendAck(frame.payload));
        advised ||= frame.reconnectAdvised;
      }
    } catch (thrown) {
      failure = s2ErrorFromUnknown(thrown);
    }
    if (acks.length > 0) this.#giveAcks(acks);
    if (advised && !this.#over) this.#events.reconnectAdvised();
    if (failure === undefined || this.#over) return;
    this.#call.cancel();
    this.#end(failure);
  }

  #giveAcks(acks: readonly AppendAck[]): void {
    // What is acknowledged has been taken, and that comes first.
    if (this.#takenSoon) this.#tellTaken();
    this.#acked += acks.length;
    this.#updateHold();
    if (!this.#over) this.#events.acks(acks);
  }

  #truncation(): S2Error | null {
    if (this.#decoder.pendingBytes === 0) return null;
    return new S2Error({ message: "The response ended in the middle of a frame", code: "CONNECTION_LOST" });
  }

  #end(error: S2Error | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#updateHold();
    this.#events.ended(error);
  }

  /** Awaited is the opening, an ack, or the end after `finish`. */
  #updateHold(): void {
    const awaited = !this.#over && (!this.#isOpen || this.#started > this.#acked || this.#finishing);
    if (awaited) this.#release ??= this.#context.hold.acquire();
    else {
      this.#release?.();
      this.#release = undefined;
    }
  }
}
