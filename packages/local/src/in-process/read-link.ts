import {
  type AttemptOptions,
  createDeferred,
  type Deferred,
  ignoreRejection,
  type LinkBatch,
  type ReadFormat,
  type ReadLink,
  type RecordFormat,
  S2Error,
  s2ErrorFromUnknown,
  type WireRequest,
} from "@s2-dev/streamstore-core/transport";
import {
  createFrameDecoder,
  decodeReadBatch,
  errorFromTerminalFrame,
  joinPieces,
} from "@s2-dev/streamstore-core/wire";
import type { InProcess } from "./in-process.js";
import { openLinkCall } from "./link-call.js";
import type { MemoryCall } from "./memory-call.js";

/** One attempt at a read session, without a socket: the server is asked for more when a pull finds nothing. */
export class MemoryReadLink<F extends RecordFormat> implements ReadLink<F> {
  readonly #format: ReadFormat<F>;
  readonly #context: InProcess;
  readonly #call: MemoryCall;
  readonly #opened = createDeferred<void>();
  #decoder = createFrameDecoder();
  #bytesReceived = 0;
  #pull: Deferred<LinkBatch<F> | null> | undefined;
  #release: (() => void) | undefined;
  /** Lets the server go on. */
  #taken: (() => void) | undefined;
  /** How the link ended; what was received before is still given first. */
  #outcome: { readonly error: S2Error | null } | undefined;

  constructor(context: InProcess, request: WireRequest, format: ReadFormat<F>, options: AttemptOptions) {
    this.#format = format;
    this.#context = context;
    ignoreRejection(this.#opened.promise);
    this.#call = openLinkCall(context, request, options, {
      opened: () => this.#opened.resolve(),
      data: (chunk, taken) => {
        this.#bytesReceived += chunk.byteLength;
        this.#decoder.push(chunk);
        this.#taken = taken;
        this.#answerPull();
      },
      writable: () => undefined,
      ended: (error) => this.#end(error),
    });
  }

  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  next(): Promise<LinkBatch<F> | null> {
    const pull = createDeferred<LinkBatch<F> | null>();
    this.#pull = pull;
    this.#release = this.#context.hold.acquire();
    this.#answerPull();
    return pull.promise;
  }

  abort(reason: S2Error): void {
    this.#fail(reason);
  }

  /** Answers the pending pull if what was received suffices, and else asks for more. */
  #answerPull(): void {
    const pull = this.#pull;
    if (pull === undefined) return;
    try {
      const batch = this.#takeBatch() ?? this.#takeOutcome();
      if (batch === undefined) {
        this.#askForMore();
        return;
      }
      pull.resolve(batch);
    } catch (thrown) {
      pull.reject(thrown);
    }
    this.#pull = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  #askForMore(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  /** @throws S2Error when what was received ends the session. */
  #takeBatch(): LinkBatch<F> | undefined {
    try {
      const frame = this.#decoder.nextInPieces();
      if (frame === undefined) return undefined;
      if (frame.terminal) throw errorFromTerminalFrame(joinPieces(frame.pieces));
      const { records, tail, meteredBytes, failure } = decodeReadBatch(frame.pieces, this.#format);
      return { records, tail, meteredBytes, failure, reconnectAdvised: frame.reconnectAdvised };
    } catch (thrown) {
      const error = s2ErrorFromUnknown(thrown);
      this.#outcome = { error };
      this.#call.cancel();
      throw error;
    }
  }

  /** `null` at the clean end, `undefined` while the link goes on. @throws S2Error when it ended otherwise. */
  #takeOutcome(): null | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#outcome.error !== null) throw this.#outcome.error;
    if (this.#decoder.pendingBytes === 0) return null;
    throw new S2Error({ message: "The response ended in the middle of a frame", code: "CONNECTION_LOST" });
  }

  /** Ends the link from this side; what was received is worthless. */
  #fail(error: S2Error): void {
    this.#call.cancel();
    this.#decoder = createFrameDecoder();
    this.#outcome = { error };
    this.#end(error);
  }

  #end(error: S2Error | null): void {
    this.#outcome ??= { error };
    if (error !== null) this.#opened.reject(error);
    this.#answerPull();
  }
}
