import { abortedError, s2ErrorFromUnknown, sessionClosedError } from "../../error/make.js";
import { amendError, type S2Error } from "../../error/s2-error.js";
import type { StreamPosition } from "../../model/position.js";
import type { ReadFormat, RecordFormat } from "../../model/record.js";
import { RetryBudget } from "../../retry/budget.js";
import type { LinkBatch, ReadLink, WireRequest } from "../../transport/index.js";
import { createDeferred, ignoreRejection } from "../../util/deferred.js";
import { OneTimer } from "../../util/one-timer.js";
import { ADVICE_INTERVAL } from "../advice.js";
import type { SessionContext } from "../context.js";
import { LinkToken } from "../link-token.js";
import { openTimeoutError } from "../open-timeout.js";
import { FINISH_BOUND, FIRST_FRAME_WAIT } from "./bounds.js";
import { type CaughtUpBoundary, CaughtUpTracker } from "./caught-up.js";
import { ReadCursor, type ReadRange, repetitionError } from "./cursor.js";
import { type Action, type EventName, type Phase, TRANSITIONS } from "./machine.js";
import { drainingError, silenceError } from "./outcome.js";
import { Watchdog, type Watched } from "./watchdog.js";

/** What a session reads. */
export interface ReadDriverSpec<F extends RecordFormat> {
  readonly range: ReadRange;
  readonly format: ReadFormat<F>;
  /** The read of the stream for a range. */
  readonly request: (range: ReadRange) => WireRequest;
}

/** Who takes what a session reads: called once for each `take`. */
export interface BatchConsumer<F extends RecordFormat> {
  /** The next batch with records; `null` at the clean end. */
  batch(batch: LinkBatch<F> | null): void;
  failed(error: S2Error): void;
}

/**
 * Joins read links into one session: pulls as the consumer asks, resumes after a break, watches for silence.
 * What happens when is in `machine.ts`; the methods named like its actions do it.
 */
export class ReadDriver<F extends RecordFormat> implements Watched {
  readonly #context: SessionContext;
  readonly #spec: ReadDriverSpec<F>;
  readonly #onEnded: (failure: S2Error | undefined) => void;
  readonly #budget: RetryBudget;
  readonly #token: LinkToken;
  readonly #cursor: ReadCursor;
  readonly #opened = createDeferred<void>();
  /** Knows when the consumer has everything there is. */
  readonly caughtUp = new CaughtUpTracker();
  /** Of the batch that the consumer has, or that waits for it. */
  #boundary: CaughtUpBoundary | undefined;
  /** Whether heartbeats are handed over too, as batches without records. */
  givesHeartbeats = false;
  #phase: Phase = "opening";
  #link: ReadLink<F> | undefined;
  /** Counts links; what an earlier one still says is not listened to. */
  #generation = 0;
  /** A batch that nobody has taken yet: the one read while opening. */
  #slot: LinkBatch<F> | undefined;
  #demand: BatchConsumer<F> | undefined;
  #isPulling = false;
  #onPulled: (batch: LinkBatch<F> | null) => void = () => {};
  #onPullFailed: (thrown: unknown) => void = () => {};
  #linkError: S2Error | undefined;
  #frame: LinkBatch<F> | undefined;
  #failure: S2Error | undefined;
  #watchdog: Watchdog | undefined;
  #lastAdviceAt = Number.NEGATIVE_INFINITY;
  /** The deadline of opening, the wait for a first frame, a backoff, or the bound on finishing. */
  readonly #timer: OneTimer;
  #isOpened = false;

  /** `onEnded` is called once, at the very end. */
  constructor(
    context: SessionContext,
    spec: ReadDriverSpec<F>,
    onEnded: (failure: S2Error | undefined) => void,
  ) {
    this.#context = context;
    this.#spec = spec;
    this.#onEnded = onEnded;
    this.#cursor = new ReadCursor(spec.range);
    this.#timer = new OneTimer(context.clock);
    this.#budget = new RetryBudget(context.retry, "session", context.clock, context.random);
    this.#token = new LinkToken(context.credentials);
    ignoreRejection(this.#opened.promise);
    this.#connect();
  }

  /** Settles once: when delivery is exact from here on, or with what went wrong before. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get tail(): StreamPosition | undefined {
    return this.#cursor.tail;
  }

  /** Where a start that was not known before has turned out to be. */
  get anchor(): StreamPosition | undefined {
    return this.#cursor.anchor;
  }

  /** Of the current link. A session is what its watchdog looks at: an object of its own with getters costs 1 kB. */
  get bytesReceived(): number {
    return this.#link?.bytesReceived ?? 0;
  }

  /** Whether the consumer waits for what the link has to give. */
  get isAwaited(): boolean {
    return this.#isPulling && this.#isAwaited();
  }

  get isEnded(): boolean {
    return this.#phase === "ended";
  }

  /** Gives the next batch with records, now or later. One call at a time. */
  take(consumer: BatchConsumer<F>): void {
    const ready = this.#slot;
    if (ready !== undefined) {
      this.#slot = undefined;
      return consumer.batch(ready);
    }
    if (this.#phase === "ended") return this.#tellEnd(consumer);
    this.#demand = consumer;
    this.#dispatch("demanded");
  }

  /** The consumer has the last record of the batch it took. */
  delivered(): void {
    this.#boundary?.markDelivered();
  }

  /** Ends the session cleanly at the consumer's wish. */
  cancel(reason: unknown): void {
    this.#slot = undefined;
    this.#end(undefined, abortedError(reason));
  }

  /** Ends the session at its owner's wish: cleanly, or, while it is still opening, with a refusal. */
  close(): void {
    if (this.#isOpened) this.cancel("closed");
    else this.#fail(sessionClosedError("The stream"));
  }

  /** Ends the session with this error. */
  abort(error: S2Error): void {
    this.#slot = undefined;
    this.#fail(error);
  }

  #dispatch(event: EventName): void {
    this.#perform(TRANSITIONS[this.#phase][event]);
  }

  #perform(action: Action): void {
    switch (action) {
      case "ignore":
        return;
      case "startReading":
        return this.#startReading();
      case "accept":
        return this.#accept(this.#frame as LinkBatch<F>);
      case "finish":
        return this.#end(undefined);
      case "recover":
        return this.#recover(this.#linkError as S2Error);
      case "dropSilent":
        return this.#dropSilent();
      case "connect":
        return this.#connect();
      case "pull":
        return this.#pull();
      case "holdBackoff":
        return this.#startBackoff(Math.max(0, this.#timer.endsAt - this.#context.clock.now()));
    }
  }

  #connect(): void {
    this.#phase = "opening";
    this.#generation += 1;
    this.#budget.attemptStarted();
    this.#startOpeningDeadline();
    const generation = this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#token.give(
      isCurrent,
      (authorization) => this.#open(authorization, isCurrent),
      (error) => this.#recover(error),
    );
  }

  #open(authorization: string, isCurrent: () => boolean): void {
    try {
      this.#openLink(authorization, isCurrent);
    } catch (thrown) {
      // A transport must not throw; one that does is a failure like any other.
      this.#breakWith(thrown);
    }
  }

  #openLink(authorization: string, isCurrent: () => boolean): void {
    const { transport, clock } = this.#context;
    const request = this.#spec.request(this.#cursor.range(clock.now()));
    const link = transport.openRead(request, this.#spec.format, {
      attempt: this.#budget.attempts,
      authorization,
    });
    this.#link = link;
    this.#listen(isCurrent);
    link.opened.then(
      () => isCurrent() && this.#dispatch("opened"),
      (thrown: unknown) => isCurrent() && this.#breakWith(thrown),
    );
  }

  /** An attempt that does not answer with headers in time is given up. */
  #startOpeningDeadline(): void {
    const judge = (): void => this.#timer.start(0, this.#isAwaited(), () => this.#dispatch("silent"));
    this.#timer.start(this.#context.retry.requestTimeoutMillis, this.#isAwaited(), judge);
  }

  #startReading(): void {
    this.#timer.stop();
    this.#phase = "open";
    this.#watchdog = new Watchdog(this.#context.clock, this, () => this.#dispatch("silent"));
    if (!this.#cursor.isRelative) this.#markOpened();
    else {
      // Until a frame has fixed the start, a break would resolve it anew against a later tail.
      this.#pull();
      this.#timer.start(FIRST_FRAME_WAIT, this.#isAwaited(), () => this.#markOpened());
    }
    if (this.#demand !== undefined) this.#pull();
  }

  #pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    (this.#link as ReadLink<F>).next().then(this.#onPulled, this.#onPullFailed);
  }

  /** What the pulls of the current link come to; made once a link, not a frame. */
  #listen(isCurrent: () => boolean): void {
    this.#onPulled = (batch) => {
      if (!isCurrent()) return;
      this.#isPulling = false;
      if (batch === null) {
        this.#link = undefined;
        return this.#dispatch("linkEnded");
      }
      this.#frame = batch;
      this.#dispatch("frame");
    };
    this.#onPullFailed = (thrown) => {
      if (!isCurrent()) return;
      this.#isPulling = false;
      this.#breakWith(thrown);
    };
  }

  #breakWith(thrown: unknown): void {
    this.#linkError = s2ErrorFromUnknown(thrown);
    this.#dispatch("broke");
  }

  #accept(batch: LinkBatch<F>): void {
    this.#frame = undefined;
    // Whatever a server sends after the last record that was asked for is not for the consumer.
    if (this.#cursor.isSatisfied) return this.#end(undefined);
    const repeated = this.#cursor.repetitionIn(batch);
    if (repeated !== undefined) return this.#fail(repetitionError(repeated));
    const now = this.#context.clock.now();
    this.#cursor.advance(batch, now);
    this.#budget.progress();
    this.#token.worked();
    this.#timer.stop();
    this.#markOpened();
    this.#observe(batch);
    if (batch.records.length > 0 || (this.givesHeartbeats && this.#demand !== undefined))
      this.#deliver(batch);
    if (batch.failure !== undefined) return this.#fail(s2ErrorFromUnknown(batch.failure));
    if (this.#cursor.isSatisfied) return this.#awaitEnd();
    if (batch.reconnectAdvised && now - this.#lastAdviceAt >= ADVICE_INTERVAL) return this.#followAdvice(now);
    if (this.#demand !== undefined) this.#pull();
  }

  #observe({ records, tail }: LinkBatch<F>): void {
    const lastSeqNum = records[records.length - 1]?.seq_num;
    this.#boundary = this.caughtUp.observeBatch({ recordCount: records.length, lastSeqNum, tail });
    if (records.length === 0) this.delivered();
  }

  /** Everything asked for has come. The server ends the link, which a connection survives better than a reset. */
  #awaitEnd(): void {
    this.#timer.start(FINISH_BOUND, this.#isAwaited(), () => this.#end(undefined));
    this.#pull();
  }

  #markOpened(): void {
    if (this.#isOpened) return;
    this.#isOpened = true;
    this.#opened.resolve();
  }

  #deliver(batch: LinkBatch<F>): void {
    const demand = this.#demand;
    this.#demand = undefined;
    if (demand === undefined) this.#slot = batch;
    else demand.batch(batch);
  }

  #followAdvice(now: number): void {
    this.#lastAdviceAt = now;
    this.#forgetLink(drainingError());
    this.#startBackoff(this.#budget.delayAfterAdvice());
  }

  #recover(error: S2Error): void {
    this.#forgetLink(error);
    if (this.#cursor.isCompleteDespite(error)) return this.#end(undefined);
    if (this.#token.renews(error)) return this.#startBackoff(0);
    const delay = this.#budget.delayAfter(error, true);
    if (delay !== undefined) return this.#startBackoff(delay);
    this.#fail(error);
  }

  #dropSilent(): void {
    if (this.#phase === "opening")
      return this.#recover(openTimeoutError("read", this.#context.retry.requestTimeoutMillis));
    this.#recover(silenceError());
  }

  #forgetLink(reason: S2Error): void {
    this.#link?.abort(reason);
    this.#leaveLink();
  }

  #leaveLink(): void {
    this.#generation += 1;
    this.caughtUp.reconnect();
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    this.#link = undefined;
    this.#isPulling = false;
    this.#timer.stop();
  }

  #startBackoff(delay: number): void {
    this.#phase = "backoff";
    // A session that nobody waits for must not keep the process alive while it backs off.
    this.#timer.start(delay, this.#isAwaited(), () => this.#dispatch("elapsed"));
  }

  #isAwaited(): boolean {
    return this.#demand !== undefined || !this.#isOpened;
  }

  #fail(error: S2Error): void {
    // Whatever broke: a read changes nothing.
    this.#end(amendError(error, { attempts: this.#budget.attempts, sideEffect: "none" }));
  }

  #tellEnd(consumer: BatchConsumer<F>): void {
    if (this.#failure === undefined) consumer.batch(null);
    else consumer.failed(this.#failure);
  }

  #end(failure: S2Error | undefined, reason?: S2Error): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#failure = failure;
    // A link that has ended by itself needs no error, whose stack trace would cost more than the ending.
    if (this.#link !== undefined) this.#forgetLink(failure ?? reason ?? abortedError("the read has ended"));
    else this.#leaveLink();
    if (failure === undefined) this.#markOpened();
    else this.#opened.reject(failure);
    const demand = this.#demand;
    this.#demand = undefined;
    if (demand !== undefined) this.#tellEnd(demand);
    this.caughtUp.end(failure);
    this.#onEnded(failure);
  }
}
