import { RangeNotSatisfiableError, type S2Error } from "../../src/error/s2-error.js";
import type { ReadRecord } from "../../src/model/record.js";
import type { RetryConfig } from "../../src/retry/settings.js";
import type { ReadRange } from "../../src/session/read/cursor.js";
import { openReadSession } from "../../src/session/read/session.js";
import type { ReadSession } from "../../src/session/read/types.js";
import {
  type CountingAbortController,
  createCountingAbortController,
  createFakeClock,
  createModelServer,
  createTestContext,
  type FakeClock,
  flushMicrotasks,
  type ModelReadLink,
  type ModelServer,
  type Observed,
  observe,
} from "../../src/testing/index.js";
import { must, type Tally } from "./simulate.js";

export type Consumer = "records" | "batches" | "reader";

export interface ReadWorldOptions {
  readonly range: ReadRange;
  readonly retry: RetryConfig;
  readonly consumer: Consumer;
  /** Records in the log at the beginning. */
  readonly stored: number;
  readonly random: number;
}

/** How many records one `send` may carry; what may be received and not yet handed over. */
export const LARGEST_BATCH = 8;

/** Takes what comes next; `undefined` at the end. */
type Take = () => Promise<readonly ReadRecord[] | undefined>;

/** A read session, its consumer, the wire and the server, with everything that must hold between them. */
export class ReadWorld {
  readonly clock: FakeClock = createFakeClock();
  readonly server: ModelServer = createModelServer();
  readonly #options: ReadWorldOptions;
  readonly #abort: CountingAbortController = createCountingAbortController();
  readonly #opening: Observed<ReadSession>;
  readonly #taken: ReadRecord[] = [];
  /** What the session has asked for, one range a link. */
  readonly #asked: ReadRange[] = [];
  #take: Take | undefined;
  #taking: Observed<readonly ReadRecord[] | undefined> | undefined;
  #end: "open" | "clean" | S2Error = "open";
  #endings = 0;
  #isCancelled = false;
  #isAborted = false;
  #broken: Error | undefined;

  constructor(options: ReadWorldOptions) {
    this.#options = options;
    const { clock, server } = this;
    for (let count = 0; count < options.stored; count += 1) this.grow();
    const context = createTestContext({
      clock,
      transport: server,
      retry: options.retry,
      random: () => options.random,
    });
    this.#opening = observe(
      openReadSession(context, {
        range: options.range,
        format: { as: "string", unsafeTimestamps: "error" },
        request: (range) => {
          this.#guard(() => this.#checkAsked(range));
          this.#asked.push(range);
          return { method: "GET", url: urlOf(range), headers: {} };
        },
        signal: this.#abort.signal,
        track: () => () => {
          this.#endings += 1;
        },
      }),
    );
  }

  get link(): ModelReadLink | undefined {
    return this.server.reads.filter(({ isOver }) => !isOver).at(-1);
  }

  get isOver(): boolean {
    return this.#end !== "open" || this.#opening.state === "rejected";
  }

  /** Whether the consumer, or the call that opens the session, waits for something. */
  get isAwaited(): boolean {
    return this.#taking !== undefined || this.#opening.state === "pending";
  }

  grow(): void {
    this.server.log.write(`record ${this.server.log.records.length}`);
  }

  /** The consumer asks for what comes next, if it does not already. */
  ask(): boolean {
    const session = this.#opening.value;
    if (session === undefined || this.#taking?.state === "pending" || this.#end !== "open") return false;
    this.#take ??= takerOf(session, this.#options.consumer);
    this.#taking = observe(this.#take());
    return true;
  }

  /** Cancels the session; what is not open yet can only be aborted. */
  cancel(): boolean {
    if (this.isOver || this.#isAborted || this.#isCancelled) return false;
    if (this.#opening.value === undefined) return this.abort();
    this.#isCancelled = true;
    observe(this.#opening.value.cancel("enough"));
    return true;
  }

  /** Aborts the session, unless it has ended before, seen or not. */
  abort(): boolean {
    if (this.#endings > 0) return false;
    this.#isAborted = true;
    this.#abort.abort("enough");
    return true;
  }

  async check(): Promise<void> {
    await flushMicrotasks(24);
    if (this.#broken !== undefined) throw this.#broken;
    this.#collect();
    this.#checkOrder();
    this.#checkDemand();
    this.#checkHolding();
    must(this.server.reads.filter(({ isOver }) => !isOver).length <= 1, "more than one link is open");
    must(this.#endings <= 1, "the session said twice that it ended");
  }

  async checkEnd(): Promise<void> {
    await flushMicrotasks();
    must(this.#endings === 1, "the session did not say that it ended");
    must(this.clock.pending.length === 0, "a timer is left");
    must(this.#abort.listeners === 0, "a listener is left");
    must(
      this.server.reads.every(({ isOver }) => isOver),
      "a link is left open",
    );
    this.#checkReason();
  }

  /** Counts what this schedule came across. */
  report(tally: Tally): void {
    tally.add("links", this.server.reads.length);
    tally.add("records read", this.#taken.length);
    tally.add("resumed", this.#asked.length - 1);
    const error = this.#failure;
    if (this.#isAborted) tally.add("aborted");
    else if (this.#isCancelled) tally.add("cancelled");
    else if (error !== undefined) tally.add(`failed with ${error.code}`);
    else
      tally.add(
        this.server.reads.at(-1)?.refusal === undefined ? "read to the end" : "ended by 416 at the tail",
      );
  }

  get #failure(): S2Error | undefined {
    if (this.#opening.state === "rejected") return this.#opening.reason as S2Error;
    return typeof this.#end === "object" ? this.#end : undefined;
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#broken ??= error as Error;
    }
  }

  /** Records that the session has received, over all links. */
  get #received(): number {
    return this.server.reads.reduce((sum, { pulled }) => sum + pulled, 0);
  }

  /** Where the read began for the consumer: on the last link that was asked by something else than a position. */
  get #first(): number | undefined {
    const links = this.server.reads;
    const anchors = links.filter(
      ({ query, start, frames }) => query.seq_num === undefined && start !== undefined && frames > 0,
    );
    if (this.#options.range.seq_num === undefined) return anchors.at(-1)?.start;
    return this.#options.range.clamp === true
      ? links.find(({ frames }) => frames > 0)?.start
      : this.#options.range.seq_num;
  }

  /** What is asked for is exactly what is missing. */
  #checkAsked(asked: ReadRange): void {
    const { range } = this.#options;
    must(!this.#isCancelled && !this.#isAborted, "a link was opened after the end");
    const received = this.#received;
    const isAnchored = this.server.reads.some(({ frames }) => frames > 0);
    const expected = isAnchored ? (this.#first ?? 0) + received : range.seq_num;
    must(asked.seq_num === expected, () => `asked for a read from ${asked.seq_num} instead of ${expected}`);
    const [timestamp, offset] = isAnchored ? [] : [range.timestamp, range.tail_offset];
    must(asked.timestamp === timestamp && asked.tail_offset === offset, "asked for another relative start");
    if (range.count !== undefined) {
      must(
        asked.count === range.count - received,
        () => `asked for ${asked.count} of ${range.count} after ${received}`,
      );
      must(asked.count > 0 || range.count === 0, "asked for nothing");
    }
    if (range.bytes !== undefined)
      must(asked.bytes === range.bytes - this.#receivedBytes(), "asked for other bytes");
    must(asked.clamp === range.clamp && asked.until === range.until, "the rest of the question changed");
    const whole = asked.wait === undefined || (Number.isInteger(asked.wait) && asked.wait >= 0);
    must(whole && (asked.wait ?? 0) <= (range.wait ?? 0), "asked to wait for longer than the user did");
    must((asked.wait === undefined) === (range.wait === undefined), "the wait appeared or vanished");
  }

  #receivedBytes(): number {
    const first = this.#first ?? 0;
    const { records } = this.server.log;
    return records
      .slice(first, first + this.#received)
      .reduce((sum, { meteredBytes }) => sum + meteredBytes, 0);
  }

  #collect(): void {
    const taking = this.#taking;
    if (taking === undefined || taking.state === "pending") return;
    this.#taking = undefined;
    if (taking.state === "rejected") this.#end = taking.reason as S2Error;
    else if (taking.value === undefined) this.#end = "clean";
    else this.#taken.push(...taking.value);
  }

  /** Every record once, in order, as stored, from where the read began. */
  #checkOrder(): void {
    const first = this.#first;
    for (const [index, { seq_num, body }] of this.#taken.entries()) {
      must(
        seq_num === (first ?? 0) + index,
        () => `record ${seq_num} came as number ${index} of a read from ${first}`,
      );
      must(body === `record ${seq_num}`, "a record is not what was stored");
    }
    const { count } = this.#options.range;
    must(count === undefined || this.#taken.length <= count, "more records than asked for");
    const last = this.#taken.at(-1);
    const position = this.#opening.value?.nextReadPosition();
    if (last !== undefined)
      must(position?.seq_num === last.seq_num + 1, "the position is not behind the last record");
    else if (position !== undefined)
      must(position.seq_num === first, "the position is not where the read begins");
  }

  /** No more is pulled than a consumer has asked for. */
  #checkDemand(): void {
    const ahead = this.#received - this.#taken.length;
    must(
      this.#isCancelled || this.#isAborted || ahead <= LARGEST_BATCH,
      () => `${ahead} records were read ahead`,
    );
  }

  #checkHolding(): void {
    const { isAwaited } = this;
    const isHeld = this.clock.pending.some(({ keepAlive }) => keepAlive);
    if (isHeld) must(isAwaited, "a timer holds the process although nothing is awaited");
    if (isAwaited) must(isHeld || this.link !== undefined, "nothing holds the process that is awaited");
    if (this.#isCancelled || this.#isAborted) must(!isAwaited, "a wait goes on after the end");
  }

  /** A read only looks finished when it is. */
  #checkReason(): void {
    const error = this.#failure;
    if (this.#isAborted) {
      must(error?.code === "ABORTED", "an aborted read did not say so");
    } else if (error === undefined && !this.#isCancelled) {
      must(this.#isComplete(), "a read ended cleanly before it was complete");
    }
    if (error === undefined) return;
    must(error.sideEffect === "none", "a read with effects");
    const { maxAttempts } = this.#options.retry;
    must(error.attempts <= this.server.reads.length, "more attempts were counted than were made");
    must(error.attempts > 0 || this.server.reads.length === 0, "no attempt was counted");
    const isSpent = error.retryable && error.code !== "server_draining" && !this.#isAborted;
    if (isSpent && typeof maxAttempts === "number")
      must(error.attempts >= maxAttempts, "a session gave up with attempts left");
    const isRepeated = this.server.reads.some(({ repeated }) => repeated > 0);
    if (isRepeated && !this.#isAborted) must(error.code === "PROTOCOL_ERROR", "a repetition went unnoticed");
  }

  #isComplete(): boolean {
    const { count, bytes } = this.#options.range;
    const received = this.#received;
    if (count !== undefined && received >= count) return this.#taken.length === received;
    if (bytes !== undefined && this.#receivedBytes() >= bytes) return this.#taken.length === received;
    if (this.#taken.length !== received) return false;
    return this.server.reads.some(({ hasEndedCleanly, refusal }) => {
      return (
        hasEndedCleanly ||
        (refusal instanceof RangeNotSatisfiableError &&
          received + (this.#first ?? 0) === refusal.tail?.seq_num)
      );
    });
  }
}

function urlOf(range: ReadRange): string {
  const url = new URL("https://model.test/v1/streams/s/records");
  for (const [name, value] of Object.entries(range)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

function takerOf(session: ReadSession, consumer: Consumer): Take {
  if (consumer === "batches") {
    const batches = session.batches();
    return async () => (await batches.next()).value?.records;
  }
  if (consumer === "records") {
    const records = session[Symbol.asyncIterator]();
    return async () => one(await records.next());
  }
  const reader = session.getReader();
  return async () => one(await reader.read());
}

function one(result: {
  readonly done?: boolean | undefined;
  readonly value?: ReadRecord | undefined;
}): readonly ReadRecord[] | undefined {
  return result.value === undefined ? undefined : [result.value];
}
