import { SeqNumMismatchError } from "../../src/error/append-errors.js";
import { RangeNotSatisfiableError, S2Error } from "../../src/error/s2-error.js";
import type { AppendAck } from "../../src/model/position.js";
import type { BytesHeaderList, ReadBatch } from "../../src/model/record.js";
import type { RetryConfig } from "../../src/retry/settings.js";
import { PositionChain } from "../../src/session/append/exactly-once.js";
import { createMarker } from "../../src/session/append/marker.js";
import { createAppendSession } from "../../src/session/append/session.js";
import type { AppendArgs, AppendSession, AppendSessionOptions } from "../../src/session/append/types.js";
import {
  type CountingAbortController,
  createCountingAbortController,
  createFakeClock,
  createModelServer,
  createTestContext,
  type FakeClock,
  flushMicrotasks,
  type ModelAppendLink,
  type ModelServer,
  type Observed,
  observe,
} from "../../src/testing/index.js";
import { AdmissionModel } from "./admission-model.js";
import { chargeOf, failureOf, idOfBatch, idOfBody, type Operation, recordsOf } from "./append-operations.js";
import { must, type Tally } from "./simulate.js";

export interface AppendWorldOptions {
  readonly retry: RetryConfig;
  readonly session: AppendSessionOptions;
  /** What the session's randomness gives. */
  readonly random: number;
}

export type Way = "submit" | "enqueue" | "write";

/** An append session, its user, the wire and the server, with everything that must hold between them. */
export class AppendWorld {
  readonly clock: FakeClock = createFakeClock();
  readonly server: ModelServer;
  readonly session: AppendSession;
  readonly #options: AppendWorldOptions;
  readonly #abort: CountingAbortController = createCountingAbortController();
  readonly #writer: WritableStreamDefaultWriter<AppendArgs>;
  readonly #admission: AdmissionModel;
  /** Everything the session took, in order. */
  readonly #operations: Operation[] = [];
  readonly #seen: AppendAck[] = [];
  readonly #reading: Observed<void>;
  readonly #isExactlyOnce: boolean;
  readonly #lateLinks = new Set<ModelAppendLink>();
  /** How many of the next looks at the log fail. */
  #blindness = 0;
  /** Records before it can no longer be read. */
  #trimmedTo = 0;
  #looks = 0;
  #endings = 0;
  #closing: Observed<void> | undefined;
  #lastWrite: Observed<void> | undefined;
  #isAborted = false;
  #records = 0;
  #ids = 0;
  /** The first thing that went wrong within a callback, where throwing would only upset the session. */
  #broken: Error | undefined;

  constructor(options: AppendWorldOptions) {
    this.#options = options;
    this.#isExactlyOnce = (options.session.exactlyOnce ?? false) !== false;
    this.server = createModelServer({
      sent: (batch) => this.#guard(() => this.#checkSent(idOfBatch(batch))),
      acked: (_ack, batch) => {
        const operation = this.#operation(idOfBatch(batch));
        operation.isAcked = true;
        operation.wasAckedLate = this.link?.isFinished === true && this.#closing === undefined;
      },
    });
    const { clock, server } = this;
    const context = createTestContext({
      clock,
      transport: server,
      retry: options.retry,
      random: () => options.random,
    });
    this.session = createAppendSession(context, {
      request: { method: "POST", url: "https://model.test/v1/streams/s/records", headers: {} },
      options: options.session,
      chain: this.#isExactlyOnce
        ? new PositionChain(
            {
              checkTail: () => this.#look(() => server.log.tail),
              read: (seqNum, count) =>
                this.#look(() => readLog(server, Math.max(seqNum, this.#trimmedTo), count)),
            },
            createMarker(options.session.exactlyOnce ?? false, () => options.random),
          )
        : undefined,
      signal: this.#abort.signal,
      track: () => () => {
        this.#endings += 1;
      },
    });
    const { maxInflightBytes = 10 * 1024 * 1024, maxInflightBatches = Number.POSITIVE_INFINITY } =
      options.session;
    this.#admission = new AdmissionModel(maxInflightBytes, maxInflightBatches);
    this.#writer = this.session.writable.getWriter();
    observe(this.#writer.closed);
    observe(this.#writer.ready);
    this.#reading = observe(this.#readAcks());
  }

  /** What a marker adds to the metered size of a batch. */
  get #markerCharge(): number {
    const { exactlyOnce } = this.#options.session;
    const name = typeof exactlyOnce === "object" ? exactlyOnce.markerHeader : undefined;
    return name === undefined ? 0 : 2 + name.length + 32;
  }

  /** The newest link that is not over. */
  get link(): ModelAppendLink | undefined {
    return this.server.appends.filter(({ isOver }) => !isOver).at(-1);
  }

  get isEnded(): boolean {
    return this.#endings > 0;
  }

  /** Makes the next looks of exactly-once mode at the log fail. */
  blind(looks: number): boolean {
    this.#blindness = looks;
    return this.#isExactlyOnce && looks > 0;
  }

  /** Another writer appends to the stream. */
  intrude(): boolean {
    this.server.log.write("foreign");
    return true;
  }

  /** Everything that is in the log is trimmed away. The checks still see it; who reads does not. */
  trim(): boolean {
    const hasGrown = this.#trimmedTo < this.server.log.records.length;
    this.#trimmedTo = this.server.log.records.length;
    return hasGrown;
  }

  append(way: Way, count: number, isLarge: boolean, condition?: "right" | "wrong"): boolean {
    // Node 20 breaks on a write behind a close.
    if (way === "write" && (this.#lastWrite?.state === "pending" || this.#closing !== undefined))
      return false;
    // The model's log remembers the beginning of a body only, too little to compare large ones.
    const records = recordsOf(this.#ids, count, isLarge && !this.#isExactlyOnce);
    const isFree = condition === undefined || this.#isExactlyOnce;
    const match = isFree ? undefined : this.#records + (condition === "wrong" ? 7 : 0);
    const operation: Operation = {
      id: this.#ids,
      records,
      charge: chargeOf(records) + this.#markerCharge,
      conditional: match !== undefined || this.#isExactlyOnce,
      waits: way !== "submit",
      isRefused: this.#closing !== undefined || this.session.failureCause() !== undefined,
      isAcked: false,
      wasAckedLate: undefined,
      link: -1,
      sends: 0,
    };
    this.#ids += 1;
    this.#operations.push(operation);
    if (!operation.isRefused) {
      this.#records += count;
      this.#admission.enter(operation);
    }
    this.#give(way, operation, { records, match_seq_num: match });
    return !operation.isRefused;
  }

  #give(way: Way, operation: Operation, { records, match_seq_num }: AppendArgs): void {
    if (way === "submit") {
      operation.ack = observe(this.session.submit(records, { match_seq_num }));
    } else if (way === "enqueue") {
      operation.admitted = observe(
        this.session.enqueue(records, { match_seq_num }).then((ticket) => {
          operation.ack = observe(ticket.ack());
        }),
      );
    } else {
      this.#lastWrite = observe(this.#writer.write({ records, match_seq_num }));
      operation.admitted = this.#lastWrite;
    }
  }

  /** Input that is refused must not disturb anything. */
  appendNonsense(): boolean {
    observe(this.session.submit([]));
    return true;
  }

  close(byWriter: boolean): boolean {
    if (this.#closing !== undefined) return false;
    // A writer closes behind its last write, so it is the session's own closing only when none is pending.
    const viaWriter = byWriter && this.#lastWrite?.state !== "pending";
    if (this.session.failureCause() === undefined) this.#admission.close();
    this.#closing = observe(viaWriter ? this.#writer.close() : this.session.close());
    return true;
  }

  abort(byWriter: boolean): boolean {
    if (this.#isAborted || this.isEnded) return false;
    this.#isAborted = true;
    // A stream that is closing or has failed cannot be aborted any more.
    if (byWriter && this.#closing === undefined) observe(this.#writer.abort("enough"));
    else this.#abort.abort("enough");
    return true;
  }

  /** Lets promises settle, then looks at everything that must hold at any time. */
  async check(): Promise<void> {
    // A look at the log takes one promise after the other.
    // An ack needs some turns of its own on its way through the stream, and a step may bring one for every batch.
    await flushMicrotasks((this.#isExactlyOnce ? 96 : 24) + 4 * this.#operations.length);
    if (this.#broken !== undefined) throw this.#broken;
    this.#noteLateLink();
    this.#checkAcks();
    this.#checkAdmission();
    this.#checkHolding();
    const alive = this.server.appends.filter(({ isOver }) => !isOver).length;
    must(alive <= 2, "more links are open than the current one and the one left behind");
    must(this.#endings <= 1, "the session said twice that it ended");
  }

  /** What must hold once the session has ended, and the server has written whatever was still under way. */
  async checkEnd(): Promise<void> {
    await flushMicrotasks();
    must(this.#endings === 1, "the session did not say that it ended");
    for (const operation of this.#operations) this.#checkSettled(operation);
    must(this.#reading.state !== "pending", "acks() did not end");
    must(this.#closing === undefined || this.#closing.state !== "pending", "close() did not settle");
    must(this.clock.pending.length === 0, "a timer is left");
    must(this.#abort.listeners === 0, "a listener is left");
    must(
      this.server.appends.every(({ isOver }) => isOver),
      "a link is left open",
    );
    for (const link of this.server.appends) while (link.write());
    this.#checkOutcomes();
  }

  /** Counts what this schedule came across. */
  report(tally: Tally): void {
    tally.add("links", this.server.appends.length);
    for (const operation of this.#operations) {
      const error = failureOf(operation);
      if (operation.isAcked) tally.add("batches acknowledged");
      if (operation.isAcked && operation.sends > 1) tally.add("acknowledged after having been sent again");
      if (operation.wasAckedLate) tally.add("acknowledged on a link half closed");
      if (operation.isAcked && operation.wasAckedLate === undefined) tally.add("found in the log");
      if (operation.isRefused) tally.add("refused");
      else if (error?.sideEffect === "none") tally.add("failed without effect");
      else if (error !== undefined) tally.add("failed, outcome possible");
      const isMismatch = error?.cause instanceof SeqNumMismatchError;
      if (isMismatch) tally.add("mismatches that may be the batch's own first copy");
    }
    const failure = this.session.failureCause();
    if (failure === undefined) tally.add("closed cleanly");
    else tally.add(`failed with ${failure.code}`);
    if (this.#isExactlyOnce) tally.add("exactly-once sessions");
    if (this.#markerCharge > 0) tally.add("with a marker");
    if (this.#isExactlyOnce && failure?.code === "OUTCOME_UNKNOWN")
      tally.add("trimmed before it could be seen");
    tally.add("links half closed before the end", this.#lateLinks.size);
    const copies = [...this.#copies().values()];
    tally.add("landed twice under all", copies.filter((landed) => landed > 1).length);
  }

  /** A link half closed although the session is not closing: an ack is overdue, or its server advised to leave. */
  #noteLateLink(): void {
    const { link } = this;
    if (link?.isFinished === true && this.#closing === undefined) this.#lateLinks.add(link);
  }

  #operation(id: number): Operation {
    const operation = this.#operations[id];
    must(operation !== undefined, () => `a batch that nobody gave: ${id}`);
    return operation;
  }

  /** The owner of a promise knows that it has settled. */
  #isSettled(operation: Operation): boolean {
    return operation.isAcked || failureOf(operation) !== undefined;
  }

  async #look<T>(see: () => T): Promise<T> {
    this.#looks += 1;
    this.#blindness -= 1;
    if (this.#blindness >= 0) throw new S2Error({ message: "cut", code: "CONNECTION_LOST" });
    return see();
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#broken ??= error as Error;
    }
  }

  async #readAcks(): Promise<void> {
    for await (const ack of this.session.acks()) this.#seen.push(ack);
  }

  #checkSent(id: number): void {
    const operation = this.#operation(id);
    const link = this.server.appends.length;
    must(!this.#isAborted, () => `batch ${id} was sent after the abort`);
    must(!operation.isAcked, () => `batch ${id} was sent after its ack`);
    must(!this.#isSettled(operation), () => `batch ${id} was sent after it had failed`);
    must(operation.link !== link, () => `batch ${id} was sent twice on one link`);
    for (const earlier of this.#operations.slice(0, id)) {
      const isDone = earlier.isRefused || this.#isSettled(earlier) || earlier.link === link;
      must(isDone, () => `batch ${id} was sent before batch ${earlier.id}`);
    }
    operation.link = link;
    operation.sends += 1;
  }

  /** Acks come in the order of submission, each once, and say where the batch is. */
  #checkAcks(): void {
    if (this.#isExactlyOnce) this.#noteFound();
    const acked = this.#operations.filter(({ isAcked }) => isAcked);
    must(this.#seen.length <= acked.length, "acks() gave more acks than the server did");
    let end = 0;
    for (const [index, ack] of this.#seen.entries()) {
      const operation = acked[index] as Operation;
      must(ack.start.seq_num >= end, "acknowledged positions go back");
      end = ack.end.seq_num;
      must(end - ack.start.seq_num === operation.records.length, "an ack has another number of records");
      for (let at = ack.start.seq_num; at < end; at += 1) {
        const id = idOfBody(this.server.log.records[at]?.body ?? "");
        must(id === operation.id, () => `the place acknowledged to batch ${operation.id} holds batch ${id}`);
      }
      if (operation.ack?.state === "fulfilled")
        must(operation.ack.value === ack, "a batch got the ack of another");
    }
    const fulfilled = this.#operations.filter(({ ack }) => ack?.state === "fulfilled");
    must(
      fulfilled.every(({ isAcked }) => isAcked),
      "a batch was reported durable without an ack",
    );
    must(
      acked.length === this.#seen.length || this.isEnded || this.#isAborted,
      "an ack that came was not passed on",
    );
  }

  /** Exactly-once mode also acknowledges what it finds in the log. */
  #noteFound(): void {
    const taken = this.#operations.filter(({ isRefused }) => !isRefused);
    for (const operation of taken.slice(0, this.#seen.length)) operation.isAcked = true;
  }

  /** Room is given out exactly once, to the first in line. */
  #checkAdmission(): void {
    for (const operation of [...this.#admission.inside])
      if (this.#isSettled(operation)) this.#admission.leave(operation);
    if (this.session.failureCause() !== undefined || this.#isAborted) return;
    for (const { id, admitted } of this.#admission.inside) {
      must(
        admitted === undefined || admitted.state === "fulfilled",
        () => `batch ${id} waits although there is room`,
      );
    }
    for (const { id, admitted } of this.#admission.waiting) {
      must(
        admitted === undefined || admitted.state === "pending",
        () => `batch ${id} was let in without room`,
      );
    }
  }

  /** The process is held while something is awaited, and not longer. */
  #checkHolding(): void {
    const isHeld = this.clock.pending.some(({ keepAlive }) => keepAlive);
    const isAwaited = this.#operations.some(
      (operation) => !operation.isRefused && !this.#isSettled(operation),
    );
    const isClosing = this.#closing?.state === "pending";
    if (isHeld) must(isAwaited || isClosing, "a timer holds the process although nothing is awaited");
    if (isAwaited && !this.isEnded)
      must(isHeld || this.link !== undefined, "nothing holds the process that is awaited");
  }

  #checkSettled(operation: Operation): void {
    const { id, ack, admitted } = operation;
    must(admitted?.state !== "pending", () => `batch ${id} still waits for room`);
    must(ack?.state !== "pending", () => `batch ${id} was never settled`);
    if (operation.isAcked && !this.#isAborted && ack !== undefined) {
      must(ack.state === "fulfilled", () => `batch ${id} was acknowledged and reported as failed`);
    }
  }

  /** What was reported is what is in the log. */
  #checkOutcomes(): void {
    const copies = this.#copies();
    const isCautious = this.#options.retry.appendRetryPolicy === "noSideEffects";
    for (const operation of this.#operations) {
      const { id, conditional, isAcked, isRefused } = operation;
      const landed = copies.get(id) ?? 0;
      const error: S2Error | undefined = failureOf(operation);
      must(!isAcked || landed > 0, () => `batch ${id} was acknowledged and is not in the log`);
      must(landed <= operation.sends, () => `batch ${id} is in the log more often than it was sent`);
      must(!isRefused || landed === 0, () => `batch ${id} was refused and is in the log`);
      if (error?.sideEffect === "none") {
        must(
          landed === 0,
          () => `batch ${id} is in the log, but its error (${error.code}) says that it had no effect`,
        );
      }
      if (conditional || isCautious) must(landed <= 1, () => `batch ${id} is in the log ${landed} times`);
    }
    this.#checkWhole();
  }

  /** How often each batch is in the log. */
  #copies(): Map<number, number> {
    const copies = new Map<number, number>();
    for (const { body } of this.server.log.records) {
      if (!body.includes(".0 ")) continue;
      const id = idOfBody(body);
      copies.set(id, (copies.get(id) ?? 0) + 1);
    }
    return copies;
  }

  #checkAttempts({ attempts, code, retryable }: S2Error): void {
    // Looks at the log are attempts, too.
    const made = this.server.appends.length + this.#looks;
    must(attempts <= made, () => `${attempts} attempts were counted of ${made}`);
    const { maxAttempts, appendRetryPolicy } = this.#options.retry;
    const isBounded = typeof maxAttempts === "number" && this.#closing === undefined;
    const isSpent = retryable && code !== "server_draining" && appendRetryPolicy === "all";
    if (isBounded && isSpent) must(attempts >= maxAttempts, "a session gave up with attempts left");
  }

  /** The failure of the whole session claims no less than those of its batches. */
  #checkWhole(): void {
    const failure = this.session.failureCause();
    const mayHaveLanded = this.#operations.some(
      (operation) => failureOf(operation)?.sideEffect === "possible",
    );
    if (mayHaveLanded)
      must(failure?.sideEffect === "possible", "the session's failure hides an unknown outcome");
    if (failure !== undefined) this.#checkAttempts(failure);
    const wasClean = failure === undefined;
    const lost = this.#operations.find(({ isRefused, isAcked }) => wasClean && !isRefused && !isAcked);
    must(lost === undefined, () => `the session closed cleanly without batch ${lost?.id}`);
  }
}

/** A unary read of the model's log. */
function readLog({ log }: ModelServer, seqNum: number, count: number): ReadBatch<"bytes"> {
  const found = log.records.slice(seqNum, seqNum + count);
  if (found.length === 0) throw new RangeNotSatisfiableError({ tail: log.tail });
  const encoder = new TextEncoder();
  return {
    records: found.map(({ seq_num, timestamp, body, headers }) => ({
      seq_num,
      timestamp,
      body: encoder.encode(body),
      headers: headers as BytesHeaderList,
      headerList: headers as BytesHeaderList,
    })),
  };
}
