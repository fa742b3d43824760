import type { Admission } from "./admission.js";
import { type AppendInput, type CheckedAppend, type CommandRights, checkAppend } from "./append-input.js";
import { type ServiceError, serviceErrorFrom, streamGone } from "./errors.js";
import type { LiveStream } from "./live-stream.js";
import type { AppendAck, AppendReply, SessionOrder } from "./pending-replies.js";
import type { RecordCipher } from "./record-cipher.js";

/** What an append session tells its wire. Nothing comes after `ended`. */
export interface AppendSessionEvents {
  acked(ack: AppendAck): void;
  /** The input that had to wait is admitted: push the next one. */
  ready(): void;
  /** All acknowledgements have been given; with the failure that ends the session, if one did. */
  ended(error: ServiceError | undefined): void;
}

export interface AppendTarget {
  readonly stream: LiveStream;
  readonly cipher: RecordCipher | undefined;
  readonly admission: Admission;
  readonly commands: CommandRights | undefined;
}

/** Appends of one session: strictly in order, acknowledged in order, stopped by the first failure. */
export class AppendSession {
  readonly #target: AppendTarget;
  readonly #events: AppendSessionEvents;
  readonly #order: SessionOrder = { lastEnd: 0, poisoned: false };
  #outstanding = 0;
  /** The one input that waits for admission. */
  #waiting: { readonly append: CheckedAppend; cancel: (() => void) | undefined } | undefined;
  #inputEnded = false;
  #failure: ServiceError | undefined;
  #over = false;
  readonly #stopListening: () => void;

  constructor(target: AppendTarget, events: AppendSessionEvents) {
    this.#target = target;
    this.#events = events;
    this.#stopListening = target.stream.onGone(() => this.#onGone());
  }

  /**
   * Takes an input; false when the next one must wait for `ready`, or when no more is wanted.
   * @throws Error before `ready`.
   */
  push(input: AppendInput): boolean {
    if (this.#over || this.#inputEnded) return false;
    if (this.#waiting !== undefined) throw new Error("the input before this one still waits to be taken in");
    let append: CheckedAppend;
    try {
      append = checkAppend(input, this.#target.commands);
    } catch (error) {
      this.fail(serviceErrorFrom(error));
      return false;
    }
    if (this.#target.stream.gone) {
      this.#end(streamGone());
      return false;
    }
    const waiting = { append, cancel: undefined as (() => void) | undefined };
    this.#waiting = waiting;
    waiting.cancel = this.#target.admission.acquire(append.meteredBytes, () => this.#admitted(append));
    return this.#waiting === undefined && !this.#over;
  }

  /** No more inputs: the session ends when all are acknowledged. */
  finish(): void {
    this.#inputEnded = true;
    this.#settle();
  }

  /** The input is malformed from here on: what came before is acknowledged, then the session ends with this. */
  fail(error: ServiceError): void {
    this.#failure ??= error;
    this.finish();
  }

  /** The client has gone; what was submitted still takes effect. */
  abort(): void {
    this.#over = true;
    this.#waiting?.cancel?.();
    this.#waiting = undefined;
    this.#stopListening();
  }

  #admitted(append: CheckedAppend): void {
    const wasWaiting = this.#waiting?.cancel !== undefined;
    this.#waiting = undefined;
    const { stream, cipher, admission } = this.#target;
    const bytes = append.meteredBytes;
    let replied = false;
    const reply: AppendReply = (error, ack) => {
      replied = true;
      this.#outstanding -= 1;
      this.#onReply(error, ack);
      admission.release(bytes);
    };
    this.#outstanding += 1;
    const poisoned = this.#order.poisoned;
    stream.submit(append, cipher, this.#order, reply);
    if (poisoned && !replied) {
      // Discarded without a reply.
      this.#outstanding -= 1;
      admission.release(bytes);
    }
    if (this.#over) return;
    if (wasWaiting && !this.#inputEnded) this.#events.ready();
    this.#settle();
  }

  #onReply(error: ServiceError | undefined, ack: AppendAck | undefined): void {
    if (this.#over) return;
    if (error !== undefined) {
      this.#end(error);
      return;
    }
    this.#events.acked(ack as AppendAck);
    this.#settle();
  }

  /** A stream that vanishes ends a session that waits for admission at once, whatever is outstanding. */
  #onGone(): void {
    if (this.#waiting === undefined || this.#over) return;
    this.#end(streamGone());
  }

  #settle(): void {
    if (!this.#inputEnded || this.#over || this.#outstanding > 0 || this.#waiting !== undefined) return;
    this.#end(this.#failure);
  }

  #end(error: ServiceError | undefined): void {
    this.abort();
    this.#events.ended(error);
  }
}

/** One append that is not part of a session. @throws ServiceError for everything that is not an acknowledgement. */
export async function appendOnce(target: AppendTarget, input: AppendInput): Promise<AppendAck> {
  const append = checkAppend(input, target.commands);
  return new Promise((resolve, reject) => {
    const { stream, cipher, admission } = target;
    let waiting: (() => void) | undefined;
    const stopListening = stream.onGone(() => {
      if (waiting === undefined) return;
      waiting();
      waiting = undefined;
      reject(streamGone());
    });
    waiting = admission.acquire(append.meteredBytes, () => {
      waiting = undefined;
      stopListening();
      stream.submit(append, cipher, undefined, (error, ack) => {
        admission.release(append.meteredBytes);
        if (error !== undefined) reject(error);
        else resolve(ack as AppendAck);
      });
    });
  });
}
