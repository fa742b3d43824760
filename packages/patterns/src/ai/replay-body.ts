import {
  type DisposableIterator,
  type ReadBatch,
  type ReadSession,
  type S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { LeaseHeldError } from "../lease/lease-errors.js";
import { EventOutput, HEARTBEAT } from "../sse/event-output.js";
import { eventText } from "../sse/event-text.js";
import { closingChunk } from "./answer.js";
import { type AnswerReason, AnswerRecordReader } from "./answer-record.js";
import type { ActiveAnswer } from "./find-answer.js";
import { LeaseWatch } from "./lease-watch.js";
import type { ResumeSettings } from "./resume-options.js";
import { DONE } from "./sse-data.js";
import { isTerminal, type UiChunk } from "./ui-types.js";

/** Behind the id of the last event of an answer: who comes back with it is told that there is nothing more. */
export const END_MARK = ".end";

/** Where the reader is, and who else wants to know. */
export interface ReplayPlace {
  readonly active: ActiveAnswer | undefined;
  /** Until when its producer counts as alive, as far as the records that come do not tell. */
  readonly expiresAt: number;
  /** The id of an event behind which this record comes next. */
  readonly idAt: (seqNum: number) => string;
  /** Aborted when nobody is there to read any more. */
  readonly signal: AbortSignal;
  readonly onEnded: () => void;
}

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
  readonly #reader = new AnswerRecordReader();
  readonly #lease: LeaseWatch;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Asked for before, and not there yet. */
  #pending: Promise<IteratorResult<ReadBatch<"string">, undefined>> | undefined;
  #hasTerminal = false;
  #isOver = false;
  #isCalled = false;
  #output!: EventOutput;

  constructor(session: ReadSession<"string">, settings: ResumeSettings, place: ReplayPlace) {
    this.#session = session;
    this.#batches = session.batches({ heartbeats: true });
    this.#settings = settings;
    this.#place = place;
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
        if (result === "crash") text = await this.#onCrash();
        else if (result.done === true) text = this.#endText("finished");
        else text = this.#textOf(result.value);
        if (text !== "" && !this.#isOver) this.#output.send(text);
      }
    } catch (error) {
      await this.#fail(error);
    }
    if (this.#hasEnded) this.#close();
  }

  #hasEnded = false;

  /** The next batch, or that the producer has gone: which is judged only by who has seen everything it has written. */
  async #nextOrCrash(): Promise<IteratorResult<ReadBatch<"string">, undefined> | "crash"> {
    this.#pending ??= this.#batches.next();
    const { clock } = this.#settings;
    let cancel = (): void => {};
    const crashed = new Promise<"crash">((resolve) => {
      const left = this.#lease.deadline - clock.now();
      if (!this.#session.isCaughtUp() || !Number.isFinite(left)) return;
      cancel = clock.timer(Math.max(0, left), () => resolve("crash"), false);
    });
    try {
      const next = await Promise.race([this.#pending, crashed]);
      if (next !== "crash") this.#pending = undefined;
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
      if (this.#lease.observe(record)) this.#isCalled = false;
      const event = this.#reader.push(record);
      if (event?.kind === "begin") this.#lease.extend(event.expiresAt);
      else if (event?.kind === "chunk") {
        this.#hasTerminal ||= isTerminalJson(event.json);
        text += eventText({ data: event.json }, this.#place.idAt(record.seq_num + 1));
      } else if (event?.kind === "end") return text + this.#endText(event.reason, record.seq_num + 1);
    }
    return text;
  }

  #endText(reason: AnswerReason, next = 0): string {
    this.#hasEnded = true;
    const chunk = this.#hasTerminal ? undefined : closingChunk(reason, () => this.#settings.crashText);
    const id = this.#place.idAt(next) + END_MARK;
    return (
      (chunk === undefined ? "" : eventText({ data: JSON.stringify(chunk) }, id)) +
      eventText({ data: DONE }, id)
    );
  }

  /** Tells, or has somebody go on with the answer and waits for that. */
  async #onCrash(): Promise<string> {
    const { onCrash, crashGraceMillis, clock, clockSkewMillis } = this.#settings;
    const { active } = this.#place;
    if (onCrash === "tell" || active === undefined || this.#isCalled) return this.#crashText();
    this.#isCalled = true;
    try {
      await onCrash(active);
    } catch (error) {
      // Held: somebody else is at it.
      if (!(error instanceof LeaseHeldError)) {
        this.#settings.onError(s2ErrorFromUnknown(error, "The answer could not be continued"));
        return this.#crashText();
      }
    }
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

function isTerminalJson(json: string): boolean {
  // Looked into only where it can be one.
  if (!/"type":"(?:finish|abort|error)"/.test(json)) return false;
  return isTerminal(JSON.parse(json) as UiChunk);
}
