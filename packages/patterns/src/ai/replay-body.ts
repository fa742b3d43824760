import {
  type DisposableIterator,
  type ReadBatch,
  type ReadSession,
  S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { LeaseHeldError } from "../lease/lease-errors.js";
import { EventOutput, HEARTBEAT } from "../sse/event-output.js";
import { eventText } from "../sse/event-text.js";
import { type AnswerReason, AnswerRecordReader, chunkIn, reasonSaid } from "./answer-record.js";
import { closingChunk, lacksClosing } from "./closing-chunk.js";
import type { ActiveAnswer } from "./find-answer.js";
import { LeaseWatch } from "./lease-watch.js";
import type { PositionWriter, ReplayPosition } from "./replay-position.js";
import type { ResumeSettings } from "./resume-options.js";
import { DONE } from "./sse-data.js";

/** Where the reader is, and who else wants to know. */
export interface ReplayPlace {
  readonly active: ActiveAnswer | undefined;
  /** What the reader has seen before. */
  readonly position: ReplayPosition | undefined;
  /** Until when its producer counts as alive, as far as the records that come do not tell. */
  readonly expiresAt: number;
  readonly ids: PositionWriter;
  /** Aborted when nobody is there to read any more. */
  readonly signal: AbortSignal;
  readonly onEnded: () => void;
}

/** What has become of asking somebody to go on with an answer. */
type CallOutcome = "called" | "refused";

/**
 * The events of one answer for one reader: a chunk an event. A batch is taken when the reader asks. Ends with the answer,
 * or with its producer.
 */
export class ReplayBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #session: ReadSession<"string">;
  readonly #batches: DisposableIterator<ReadBatch<"string">>;
  readonly #settings: ResumeSettings;
  readonly #place: ReplayPlace;
  readonly #reader: AnswerRecordReader;
  readonly #lease: LeaseWatch;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Asked for before, and not there yet. */
  #pending: Promise<IteratorResult<ReadBatch<"string">, undefined>> | undefined;
  /** How the answer has ended, as a chunk has said: one that was seen before has said all there is. */
  #said: AnswerReason | "seen" | undefined;
  /** The answer whose end is waited for, as far as that is known. */
  #answer: string | undefined;
  /** Sequence number behind the last record that was read. */
  #next: number;
  #isOver = false;
  /** Whether somebody was asked to go on, and nobody has since been heard of who does. */
  #isCalled = false;
  /** Under way: it is asked. */
  #call: Promise<CallOutcome> | undefined;
  #output!: EventOutput;

  constructor(session: ReadSession<"string">, settings: ResumeSettings, place: ReplayPlace) {
    this.#session = session;
    this.#batches = session.batches({ heartbeats: true });
    this.#settings = settings;
    this.#place = place;
    this.#reader = new AnswerRecordReader(place.position?.seen);
    this.#answer = place.active?.answer;
    this.#next = place.position?.seqNum ?? place.active?.begin ?? 0;
    this.#said = place.position?.hasTerminal === true ? "seen" : undefined;
    this.#lease = new LeaseWatch(place.expiresAt, settings.clockSkewMillis);
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => this.#start(controller),
        pull: () => this.#sendNext(),
        cancel: (reason) => this.#cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.#output = new EventOutput(controller, this.#settings, HEARTBEAT);
    // The session ends by itself with this signal; nobody may ever pull again.
    onAbort(this.#place.signal, () => this.#close());
  }

  /** Sends what comes next; resolves when something was sent, or there is nothing more. */
  async #sendNext(): Promise<void> {
    try {
      for (let text = ""; text === "" && !this.#isOver; ) {
        const result = await this.#nextOrCrash();
        if (this.#isOver) return;
        if (result === "crash") text = this.#onCrash();
        else if (result === "called" || result === "refused") text = this.#afterCall(result);
        else if (result.done === true) text = this.#atSessionEnd();
        else text = this.#textOf(result.value);
        if (text !== "" && !this.#isOver) this.#output.send(text);
      }
    } catch (error) {
      await this.#fail(error);
    }
    if (this.#hasEnded) this.#close();
  }

  #hasEnded = false;

  /**
   * The next batch; or that the producer has gone, which is judged only by who has seen everything it has written; or that
   * the call that this has led to has settled, which may take as long as the rest of the answer.
   */
  async #nextOrCrash(): Promise<IteratorResult<ReadBatch<"string">, undefined> | "crash" | CallOutcome> {
    this.#pending ??= this.#batches.next();
    const { clock } = this.#settings;
    let cancel = (): void => {};
    const crashed = new Promise<"crash">((resolve) => {
      if (this.#call !== undefined) return;
      const left = this.#lease.left(clock.now());
      if (!this.#session.isCaughtUp() || left === undefined) return;
      cancel = clock.timer(left, () => resolve("crash"), false);
    });
    try {
      const next = await Promise.race([this.#pending, this.#call ?? crashed]);
      if (typeof next !== "string") this.#pending = undefined;
      return next;
    } catch (error) {
      this.#pending = undefined;
      throw error;
    } finally {
      cancel();
    }
  }

  #textOf({ records }: ReadBatch<"string">): string {
    let text = "";
    for (const record of records) {
      const next = record.seq_num + 1;
      this.#next = next;
      if (this.#lease.observe(record)) this.#isCalled = false;
      const event = this.#reader.push(record);
      if (event?.kind === "begin") {
        this.#answer ??= event.answer;
        this.#lease.extend(event.expiresAt);
      } else if (event?.kind === "chunk") {
        const chunk = chunkIn(event.json);
        // Not written by an answer: a page could not read on behind it.
        if (chunk === undefined) continue;
        this.#said = reasonSaid(this.#said, chunk);
        // Whoever comes back from here has been told, also where data have followed.
        const id = this.#place.ids.chunk(next, event, this.#lease.expiresAt, this.#said !== undefined);
        text += eventText({ data: event.json }, id);
      } else if (event?.kind === "end" && this.#isOurs(event.answer)) {
        return text + this.#endText(event.reason);
      }
    }
    return text;
  }

  /** A copy of the end of the answer before may lie behind the beginning of this one. */
  #isOurs(answer: string): boolean {
    return this.#answer === undefined || this.#answer === answer;
  }

  /** It had said everything; or nobody knows what else it said, and the reader comes back. */
  #atSessionEnd(): string {
    if (this.#said !== undefined) return this.#endText("finished");
    throw new S2Error({
      message: "The read has ended before the answer",
      code: "CONNECTION_LOST",
      sideEffect: "none",
      retryable: true,
    });
  }

  #endText(reason: AnswerReason): string {
    this.#hasEnded = true;
    const isSaid = this.#said === "seen" || !lacksClosing(reason, this.#said);
    const chunk = isSaid ? undefined : closingChunk(reason, () => this.#settings.crashText);
    const id = this.#place.ids.end(this.#next);
    return (
      (chunk === undefined ? "" : eventText({ data: JSON.stringify(chunk) }, id)) +
      eventText({ data: DONE }, id)
    );
  }

  /** Tells, or has somebody go on with the answer. */
  #onCrash(): string {
    const { onCrash } = this.#settings;
    const { active } = this.#place;
    // It had said everything, and only the record of its end is missing.
    if (this.#said !== undefined) return this.#endText("finished");
    if (onCrash === "tell" || active === undefined || this.#isCalled) return this.#crashText();
    this.#isCalled = true;
    this.#call = (async () => onCrash(active))().then(
      () => "called",
      (error: unknown) => {
        // Held: somebody else is at it.
        if (error instanceof LeaseHeldError) return "called";
        this.#settings.onError(s2ErrorFromUnknown(error, "The answer could not be continued"));
        return "refused";
      },
    );
    return "";
  }

  /** Waits on for whoever goes on, unless that is at work already. */
  #afterCall(outcome: CallOutcome): string {
    this.#call = undefined;
    if (!this.#isCalled) return "";
    if (outcome === "refused") return this.#crashText();
    const { clock, crashGraceMillis, clockSkewMillis } = this.#settings;
    this.#lease.extend(clock.now() + crashGraceMillis - clockSkewMillis);
    return "";
  }

  #crashText(): string {
    this.#hasEnded = true;
    const chunk = { type: "error", errorText: this.#settings.crashText };
    return `data: ${JSON.stringify(chunk)}\n\ndata: ${DONE}\n\n`;
  }

  /** The response breaks off, so that its reader comes back. */
  async #fail(thrown: unknown): Promise<void> {
    if (this.#isOver) return;
    const error: S2Error = s2ErrorFromUnknown(thrown);
    this.#settings.onError(error);
    this.#end();
    this.#controller.error(error);
    await this.#session.cancel(thrown).catch(() => {});
  }

  async #cancel(reason: unknown): Promise<void> {
    this.#end();
    await this.#session.cancel(reason).catch(() => {});
  }

  #close(): void {
    if (this.#isOver) return;
    this.#end();
    this.#controller.close();
    void this.#session.cancel("the answer has ended").catch(() => {});
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#output.stop();
    this.#place.onEnded();
  }
}
