import { faultOf } from "../../codec/ack-fault.js";
import { s2ErrorFromUnknown, sessionClosedError } from "../../error/make.js";
import { amendError, type S2Error } from "../../error/s2-error.js";
import type { AppendAck } from "../../model/position.js";
import { RetryBudget, SESSION_PATIENCE } from "../../retry/budget.js";
import type { AppendLink, WireRequest } from "../../transport/index.js";
import { createDeferred, ignoreRejection } from "../../util/deferred.js";
import { Fifo } from "../../util/fifo.js";
import { OneTimer } from "../../util/one-timer.js";
import { ADVICE_INTERVAL } from "../advice.js";
import type { SessionContext } from "../context.js";
import { LinkToken } from "../link-token.js";
import { openTimeoutError } from "../open-timeout.js";
import { AckDeadline } from "./ack-deadline.js";
import { Admission, type AdmissionSettings } from "./admission.js";
import type { PositionChain } from "./exactly-once.js";
import { areRepeatable, markLanded, mayAnyHaveLanded } from "./landing.js";
import { type Action, type EventName, type Lifecycle, type Phase, TRANSITIONS } from "./machine.js";
import { ackTimeoutError, linkEndedEarlyError, withOutcome } from "./outcome.js";
import type { PendingBatch } from "./pending.js";
import { RetiredLink } from "./retired-link.js";

/** How long a link that has nothing more to say may take to end, in milliseconds. */
const FINISH_BOUND = 1000;

/** Told of what its session's owner shows to users. */
export interface AppendObserver {
  acked(ack: AppendAck): void;
  /** Once, at the very end. */
  ended(failure: S2Error | undefined): void;
}

/**
 * Joins append links into one session: keeps the order, matches acks, re-sends after a break, ends in bounded time.
 * What happens when is in `machine.ts`; the methods named like its actions do it.
 */
export class AppendDriver {
  readonly #context: SessionContext;
  readonly #request: WireRequest;
  readonly #observer: AppendObserver;
  readonly #budget: RetryBudget;
  readonly #token: LinkToken;
  readonly #admission: Admission;
  readonly #deadline: AckDeadline;
  /** In exactly-once mode: the places that batches demand. */
  readonly #chain: PositionChain | undefined;
  readonly #finished = createDeferred<void>();
  /** Admitted and not settled, oldest first; the first `#sent` have been given to the current link. */
  readonly #unsettled = new Fifo<PendingBatch>();
  #phase: Phase = "idle";
  #lifecycle: Lifecycle = "accepting";
  #link: AppendLink | undefined;
  /** Counts links; what an earlier one still says is not listened to. */
  #generation = 0;
  #sent = 0;
  #ackedOnLink = 0;
  #isLinkWritable = false;
  #linkError: S2Error | null = null;
  #lastAck: AppendAck | undefined;
  #failure: S2Error | undefined;
  #lastAdviceAt = Number.NEGATIVE_INFINITY;
  /** Set while closing: a failure after it is final, whatever the retry settings allow. */
  #giveUpAt = Number.POSITIVE_INFINITY;
  /** No link is opened before: an advice to reconnect asks for a pause. */
  #notBefore = 0;
  /** The backoff, or the bound on finishing. */
  readonly #timer: OneTimer;
  /** The link left behind on advice. */
  readonly #retired: RetiredLink;
  /** Ends the look at the log that is being taken. */
  #endLook: (() => void) | undefined;

  constructor(
    context: SessionContext,
    request: WireRequest,
    settings: AdmissionSettings,
    observer: AppendObserver,
    chain?: PositionChain,
  ) {
    this.#context = context;
    this.#request = request;
    this.#observer = observer;
    this.#chain = chain;
    this.#timer = new OneTimer(context.clock);
    this.#retired = new RetiredLink(context.clock);
    this.#budget = new RetryBudget(context.retry, "session", context.clock, context.random);
    this.#token = new LinkToken(context.credentials);
    this.#admission = new Admission(settings, (pending) => {
      this.#unsettled.push(pending);
      this.#dispatch("admitted");
    });
    this.#deadline = new AckDeadline(context.clock, context.retry.requestTimeoutMillis, () =>
      this.#dispatch("overdue"),
    );
    ignoreRejection(this.#finished.promise);
  }

  get lifecycle(): Lifecycle {
    return this.#lifecycle;
  }

  get lastAck(): AppendAck | undefined {
    return this.#lastAck;
  }

  get failure(): S2Error | undefined {
    return this.#failure;
  }

  get admission(): Admission {
    return this.#admission;
  }

  /** What a batch is refused with, once the session no longer takes any. */
  refusal(): S2Error | undefined {
    if (this.#lifecycle === "accepting") return undefined;
    return this.#failure === undefined
      ? sessionClosedError("AppendSession")
      : amendError(this.#failure, { sideEffect: "none" });
  }

  close(): Promise<void> {
    if (this.#lifecycle === "accepting") {
      this.#lifecycle = "closing";
      // An error costs a stack trace, which nobody sees when nobody waits: 16 us, a fiftieth of a short session.
      if (this.#admission.waiting > 0) this.#admission.refuseWaiting(sessionClosedError("AppendSession"));
      this.#boundClosing();
      if (this.#unsettled.length === 0) this.#finishOrEnd();
    }
    return this.#finished.promise;
  }

  /** Ends at once; whatever is unsettled fails with this error, and nothing is sent again. */
  abort(error: S2Error): void {
    this.#fail(error);
  }

  #dispatch(event: EventName): void {
    this.#perform(TRANSITIONS[this.#phase][event]);
  }

  #perform(action: Action): void {
    switch (action) {
      case "ignore":
        return;
      case "leaveIdle":
        return this.#leaveIdle();
      case "connect":
        return this.#connect();
      case "startSending":
        return this.#startSending();
      case "pump":
        return this.#pump();
      case "stopSending":
        return this.#stopSending();
      case "restOrFinish":
        return this.#restOrFinish();
      case "replaceLink":
        return this.#replaceLink();
      case "recover":
        return this.#recover(this.#linkError ?? linkEndedEarlyError());
      case "dropOpening":
        return this.#dropOpening();
      case "fallLate":
        return this.#fallLate();
      case "loseLateLink":
        return this.#loseLateLink();
      case "dropLateLink":
        return this.#dropLateLink();
      case "useFindings":
        return this.#useFindings();
      case "complete":
        return this.#end(undefined);
    }
  }

  #connect(): void {
    if (this.#chain !== undefined && !this.#chain.isCertain) return this.#reconcile(this.#chain);
    this.#phase = "opening";
    this.#generation += 1;
    this.#ackedOnLink = 0;
    this.#isLinkWritable = false;
    this.#linkError = null;
    this.#budget.attemptStarted();
    this.#deadline.startOpening();
    this.#token.give(
      this.#generationCheck(),
      (authorization) => this.#open(authorization),
      (error) => this.#recover(error),
    );
  }

  /** Whether the link, or the look at the log, that begins now is still what is listened to. */
  #generationCheck(): () => boolean {
    const generation = this.#generation;
    return () => generation === this.#generation;
  }

  /** Exactly-once mode: what the log holds decides where to go on. */
  #reconcile(chain: PositionChain): void {
    this.#phase = "reconciling";
    this.#generation += 1;
    this.#budget.attemptStarted();
    const isCurrent = this.#generationCheck();
    this.#endLook = chain.look(
      this.#unsettled,
      () => isCurrent() && this.#dispatch("reconciled"),
      (error) => isCurrent() && this.#recover(error),
    );
  }

  #useFindings(): void {
    const { acks, conflict } = (this.#chain as PositionChain).takeFindings();
    this.#sent = acks.length;
    this.#settle(acks);
    if (conflict !== undefined) {
      // Somebody else has the place that the oldest batch demands: it has not landed, and none behind it.
      for (const pending of this.#unsettled) pending.mayHaveLanded = false;
      return this.#fail(conflict);
    }
    if (this.#unsettled.length > 0) return this.#connect();
    this.#restWithoutLink();
  }

  #open(authorization: string): void {
    try {
      this.#openLink(authorization);
    } catch (thrown) {
      // A transport must not throw; one that does is a failure like any other.
      this.#recover(s2ErrorFromUnknown(thrown, "The transport failed to open a link"));
    }
  }

  #openLink(authorization: string): void {
    const generation = this.#generation;
    const isCurrent = this.#generationCheck();
    this.#link = this.#context.transport.openAppend(
      this.#request,
      {
        opened: () => isCurrent() && this.#dispatch("opened"),
        writable: () => {
          if (!isCurrent()) return;
          this.#isLinkWritable = true;
          this.#dispatch("writable");
        },
        taken: (batches) => isCurrent() && this.#deadline.taken(batches),
        acks: (acks) => isCurrent() && this.#settle(acks),
        reconnectAdvised: () => isCurrent() && this.#dispatch("advised"),
        ended: (error) => {
          this.#retired.ended(generation);
          if (!isCurrent()) return;
          this.#linkError = error;
          // There is nothing left to abort: an error for it would cost a stack trace at every normal close.
          if (this.#phase === "finishing") this.#link = undefined;
          this.#dispatch("linkEnded");
        },
      },
      { attempt: this.#budget.attempts, authorization },
    );
  }

  #startSending(): void {
    this.#phase = "open";
    this.#isLinkWritable = true;
    this.#deadline.startAcks(this.#unsettled);
    this.#pump();
  }

  #pump(): void {
    const link = this.#link as AppendLink;
    while (this.#isLinkWritable && this.#sent < this.#unsettled.length) {
      const pending = this.#unsettled.at(this.#sent) as PendingBatch;
      this.#sent += 1;
      this.#chain?.stamp(pending);
      this.#deadline.sent(pending);
      pending.batch.place?.hold();
      const takesMore = link.send(pending.batch);
      // It may have ended while it was given the batch.
      if (this.#link !== link) return;
      this.#isLinkWritable = takesMore;
    }
    if (this.#sent < this.#unsettled.length) this.#deadline.blocked();
  }

  #settle(acks: readonly AppendAck[]): void {
    // A look at the log that finds nothing is no progress.
    if (acks.length === 0) return;
    let charge = 0;
    let settled = 0;
    for (const ack of acks) {
      const pending = this.#sent > 0 ? this.#unsettled.peek() : undefined;
      const fault = faultOf(ack, pending?.numRecords, this.#lastAck?.end.seq_num);
      if (pending === undefined || fault !== undefined) {
        this.#admission.release(charge, settled);
        // An ack for no batch is a fault, too.
        return this.#fail(fault as S2Error);
      }
      this.#unsettled.shift();
      this.#sent -= 1;
      this.#ackedOnLink += 1;
      this.#lastAck = ack;
      this.#chain?.acked(ack);
      pending.settle(ack);
      this.#observer.acked(ack);
      this.#deadline.acked();
      charge += pending.charge;
      settled += 1;
    }
    this.#budget.progress();
    this.#token.worked();
    if (this.#lifecycle === "closing") this.#boundClosing();
    this.#admission.release(charge, settled);
    if (this.#sent === 0) this.#dispatch("emptied");
  }

  #stopSending(): void {
    const now = this.#context.clock.now();
    if (now - this.#lastAdviceAt < ADVICE_INTERVAL || this.#lifecycle !== "accepting") return;
    this.#lastAdviceAt = now;
    this.#phase = "advised";
    if (this.#sent === 0) this.#replaceLink();
  }

  #restOrFinish(): void {
    if (this.#unsettled.length === 0 && this.#lifecycle === "closing") this.#finishOrEnd();
  }

  /** Leaves an advised link with everything acknowledged; it ends by itself, or is reset after a bound. */
  #replaceLink(): void {
    this.#retireLink();
    const pause = this.#budget.delayAfterAdvice();
    if (this.#unsettled.length > 0) return this.#wait(pause);
    this.#notBefore = this.#context.clock.now() + pause;
    this.#restWithoutLink();
  }

  /** Everything is settled, and the link gone. */
  #restWithoutLink(): void {
    this.#phase = "idle";
    if (this.#lifecycle === "closing") this.#end(undefined);
  }

  /** The link is gone, or could not be opened: go on with another, or fail. */
  #recover(error: S2Error): void {
    this.#forgetLink(error.sideEffect === "possible");
    if (this.#unsettled.length === 0) {
      // Nothing is at stake: the next batch finds out whether the server is well.
      return this.#restWithoutLink();
    }
    if (this.#chain?.mayExplain(error)) return this.#connect();
    const delay = this.#delayAfter(error);
    if (delay === undefined) this.#fail(error);
    else this.#wait(delay);
  }

  #leaveIdle(): void {
    this.#budget.startAnew();
    const pause = this.#notBefore - this.#context.clock.now();
    if (pause > 0) this.#wait(pause);
    else this.#connect();
  }

  #dropOpening(): void {
    const error = openTimeoutError("append", this.#context.retry.requestTimeoutMillis);
    this.#link?.abort(error);
    this.#recover(error);
  }

  /** An ack is overdue (contract H.9): no more is sent here, but what still comes counts, until the backoff is over. */
  #fallLate(): void {
    const error = ackTimeoutError(this.#context.retry.requestTimeoutMillis);
    const delay = this.#delayAfter(error);
    if (delay === undefined) return this.#fail(error);
    this.#deadline.stop();
    this.#link?.finish();
    this.#phase = "late";
    this.#startTimer(delay);
  }

  #loseLateLink(): void {
    const error = this.#linkError ?? linkEndedEarlyError();
    this.#forgetLink(error.sideEffect === "possible");
    // Bytes may have left, and made a repetition unsafe, since the ack was found overdue.
    const mayGoOn = (error.retryable && this.#isRepeatable()) || this.#chain?.mayExplain(error) === true;
    if (mayGoOn) this.#phase = "backoff";
    else this.#fail(error);
  }

  #dropLateLink(): void {
    const error = ackTimeoutError(this.#context.retry.requestTimeoutMillis);
    this.#timer.stop();
    this.#link?.abort(error);
    this.#forgetLink(true);
    if (!this.#isRepeatable()) return this.#fail(error);
    if (this.#unsettled.length > 0) return this.#connect();
    this.#restWithoutLink();
  }

  #delayAfter(error: S2Error): number | undefined {
    const isRepeatable = this.#isRepeatable();
    if (isRepeatable && this.#token.renews(error)) return 0;
    return this.#budget.delayAfter(error, isRepeatable, this.#giveUpAt);
  }

  #isRepeatable(): boolean {
    return areRepeatable(this.#unsettled, this.#context.retry.appendRetryPolicy, this.#startedOnLink);
  }

  /** How many of the oldest batches may have reached the server on the current link. */
  get #startedOnLink(): number {
    return Math.min((this.#link?.started ?? 0) - this.#ackedOnLink, this.#sent);
  }

  /** Notes which batches may have reached the server on the current link. */
  #markLanded(): void {
    const started = this.#startedOnLink;
    if (started > 0) this.#chain?.doubt();
    markLanded(this.#unsettled, started);
  }

  /** Lets go of the current link; every unacknowledged batch counts as not sent. */
  #forgetLink(mayHaveLanded: boolean): void {
    if (mayHaveLanded) this.#markLanded();
    this.#deadline.stop();
    this.#generation += 1;
    this.#link = undefined;
    this.#sent = 0;
    this.#ackedOnLink = 0;
  }

  #retireLink(): void {
    const link = this.#link;
    const generation = this.#generation;
    this.#forgetLink(false);
    if (link !== undefined) this.#retired.leave(link, generation, FINISH_BOUND);
  }

  #wait(delay: number): void {
    this.#phase = "backoff";
    this.#startTimer(delay);
  }

  #startTimer(delay: number): void {
    this.#timer.start(delay, true, () => this.#dispatch("elapsed"));
  }

  /** Closing ends, whatever the server does: it gives up so long after the last progress. */
  #boundClosing(): void {
    const now = this.#context.clock.now();
    this.#giveUpAt = now + SESSION_PATIENCE;
    const isWaiting = this.#phase === "backoff" || this.#phase === "late";
    // A server may have asked for a longer wait than closing can bear.
    if (isWaiting && this.#timer.endsAt > this.#giveUpAt) this.#startTimer(SESSION_PATIENCE);
  }

  /** Everything is settled and the session closing. */
  #finishOrEnd(): void {
    if (this.#link === undefined || this.#phase !== "open") return this.#end(undefined);
    this.#deadline.stop();
    this.#phase = "finishing";
    this.#link.finish();
    this.#startTimer(FINISH_BOUND);
  }

  #fail(error: S2Error): void {
    if (this.#phase === "ended") return;
    if (error.sideEffect === "possible") this.#markLanded();
    this.#end(amendError(error, { attempts: this.#budget.attempts }));
  }

  #end(cause: S2Error | undefined): void {
    if (this.#phase === "ended") return;
    const link = this.#link;
    const failure = cause === undefined ? undefined : withOutcome(cause, mayAnyHaveLanded(this.#unsettled));
    this.#phase = "ended";
    this.#lifecycle = failure === undefined ? "closed" : "failed";
    this.#failure = failure;
    this.#timer.stop();
    this.#endLook?.();
    this.#deadline.stop();
    this.#generation += 1;
    this.#link = undefined;
    this.#retired.drop();
    link?.abort(failure ?? sessionClosedError("AppendSession"));
    if (cause !== undefined) this.#failEverything(cause);
    if (failure === undefined) this.#finished.resolve();
    else this.#finished.reject(failure);
    this.#observer.ended(failure);
  }

  #failEverything(cause: S2Error): void {
    this.#admission.refuseAll(withOutcome(cause, false));
    for (let pending = this.#unsettled.shift(); pending !== undefined; pending = this.#unsettled.shift()) {
      pending.fail(withOutcome(cause, pending.mayHaveLanded));
      this.#admission.release(pending.charge, 1);
    }
  }
}
