import {
  createDeferred,
  errorFromAnswer,
  ignoreRejection,
  type S2Error,
  s2ErrorFromUnknown,
  sessionClosedError,
} from "@s2-dev/streamstore-core/client";
import type {
  AttemptOptions,
  Deferred,
  LinkBatch,
  ReadFormat,
  ReadLink,
  RecordFormat,
  WireRequest,
} from "@s2-dev/streamstore-core/transport";
import { type Body, createBody, MAX_ERROR_BODY_BYTES } from "./body.js";
import { startCall } from "./call.js";
import type { FetchContext } from "./context.js";
import type { OpenRead, ReadDecoder, ReadProtocol } from "./protocols.js";
import { redactBody, redactError } from "./redact.js";
import type { Answer, Call } from "./runtime.js";
import { wrongType } from "./wrong-type.js";

/** Bytes of no batch given yet that are taken when nobody pulls. Beyond it the sender is held back. */
const READ_AHEAD_BYTES = 64 * 1024;

/** Attempts at read sessions: each a GET whose answer is decoded as it is pulled. */
export function readLinksBy(reads: ReadProtocol): OpenRead {
  return (request, format, options, context) => new PulledReadLink(request, format, options, context, reads);
}

class PulledReadLink<F extends RecordFormat> implements ReadLink<F> {
  readonly #context: FetchContext;
  readonly #options: AttemptOptions;
  /** Of the answer asked for. */
  readonly #contentType: string;
  readonly #decoder: ReadDecoder<F>;
  readonly #opened = createDeferred<void>();
  readonly #call: Call;
  readonly #stop = (error: S2Error): void => this.#fail(error);
  #isOpen = false;
  /** An answer other than the one asked for: its status decides, its body explains. */
  #refusal: { readonly answer: Answer; readonly body: Body } | undefined;
  #bytesReceived = 0;
  #flowing = true;
  #pull: Deferred<LinkBatch<F> | null> | undefined;
  /** How the link ended. What was received before is still given first. */
  #outcome: { readonly error: S2Error | null } | undefined;
  /** What was received is worthless. */
  #failed = false;
  #letGo: (() => void) | undefined;

  constructor(
    request: WireRequest,
    format: ReadFormat<F>,
    options: AttemptOptions,
    context: FetchContext,
    reads: ReadProtocol,
  ) {
    const { runtime } = context;
    this.#context = context;
    this.#contentType = reads.contentType;
    this.#options = options;
    this.#decoder = reads.createDecoder(format, runtime.codec);
    ignoreRejection(this.#opened.promise);
    context.open.add(this.#stop);
    this.#updateHold();
    this.#call = startCall(request, options, { extra: reads.headersFor(format, runtime.codec) }, context, {
      answered: (answer) => this.#answered(answer),
      data: (chunk) => this.#take(chunk),
      ended: (error) => this.#bodyEnded(error),
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
    this.#answerPull();
    this.#updateFlow();
    this.#updateHold();
    return pull.promise;
  }

  abort(reason: S2Error): void {
    this.#fail(reason);
  }

  #answered(answer: Answer): void {
    const type = answer.headers["content-type"] ?? "";
    if (answer.status !== 200) this.#refusal = { answer, body: createBody() };
    else if (!type.startsWith(this.#contentType)) this.#fail(wrongType(type, this.#contentType));
    else {
      this.#isOpen = true;
      this.#opened.resolve();
      this.#updateHold();
    }
  }

  #take(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.byteLength;
    if (this.#refusal !== undefined) {
      this.#refusal.body.push(chunk);
      if (this.#refusal.body.length > MAX_ERROR_BODY_BYTES) this.#bodyEnded(null);
      return;
    }
    // Behind the end there is nothing to be read.
    if (this.#outcome !== undefined)
      return this.#call.cancel(this.#outcome.error ?? sessionClosedError("The session"));
    try {
      this.#decoder.push(chunk);
    } catch (thrown) {
      return this.#fail(s2ErrorFromUnknown(thrown));
    }
    this.#answerPull();
    this.#updateFlow();
    this.#updateHold();
  }

  #updateFlow(): void {
    const wanted = this.#pull !== undefined || this.#decoder.pending <= READ_AHEAD_BYTES;
    if (wanted === this.#flowing || this.#outcome !== undefined) return;
    this.#flowing = wanted;
    this.#call.flow(wanted);
  }

  /** The process stays alive while something is awaited: the answer, or a pull. */
  #updateHold(): void {
    const awaited = this.#outcome === undefined && (!this.#isOpen || this.#pull !== undefined);
    if (awaited) this.#letGo ??= this.#context.runtime.hold();
    else {
      this.#letGo?.();
      this.#letGo = undefined;
    }
  }

  /** Answers the pending pull, if what was received suffices. */
  #answerPull(): void {
    const pull = this.#pull;
    if (pull === undefined) return;
    this.#pull = undefined;
    try {
      const batch = this.#nextBatch();
      if (batch === undefined) this.#pull = pull;
      else pull.resolve(batch);
    } catch (thrown) {
      const error = redactError(s2ErrorFromUnknown(thrown), this.#options);
      pull.reject(error);
      this.#fail(error);
    }
  }

  /** @throws S2Error when the session did not end cleanly. */
  #nextBatch(): LinkBatch<F> | null | undefined {
    const error = this.#outcome?.error;
    if (this.#failed && error) throw error;
    const batch = this.#decoder.next();
    if (batch === null) this.#finish();
    if (batch !== undefined) return batch;
    if (error === undefined) return undefined;
    if (error !== null) throw error;
    return this.#decoder.end();
  }

  /** The clean end. The body's own end is behind it; with it the connection can serve again. */
  #finish(): void {
    if (this.#outcome !== undefined) return;
    this.#flowing = true;
    this.#call.flow(true);
    this.#end(null);
  }

  #bodyEnded(error: S2Error | null): void {
    if (this.#refusal === undefined) return this.#end(error);
    const { answer, body } = this.#refusal;
    // What was refused is refused, even when the explanation was cut.
    this.#fail(
      errorFromAnswer(answer.status, redactBody(answer.status, body.bytes(), this.#options), answer.headers),
    );
  }

  #end(error: S2Error | null): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error: error === null ? null : redactError(error, this.#options) };
    this.#context.open.delete(this.#stop);
    if (this.#outcome.error !== null) this.#opened.reject(this.#outcome.error);
    this.#answerPull();
    this.#updateHold();
  }

  /** Ends the link from this side. */
  #fail(error: S2Error): void {
    this.#call.cancel(error);
    if (this.#failed) return;
    this.#failed = true;
    if (this.#outcome === undefined) this.#end(error);
    else this.#outcome = { error };
  }
}
