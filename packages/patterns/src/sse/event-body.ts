import {
  type DisposableIterator,
  isCommandRecord,
  type ReadBatch,
  type ReadSession,
  type RecordFormat,
  type S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { type GapDetector, type ReplayGap, ReplayGapError } from "../reading/replay-gap.js";
import { EventOutput } from "./event-output.js";
import type { EventStreamSettings } from "./event-stream-options.js";
import { eventText } from "./event-text.js";

/** Behind the id of the last event of a read that has ended for good: who comes back with it is told so. */
export const END_MARK = ".end";

/** What a stream of events is made from. */
export interface EventBodySource<F extends RecordFormat> {
  readonly session: ReadSession<F>;
  readonly batches: DisposableIterator<ReadBatch<F>>;
  /** What was received already, to find out how to answer. */
  readonly first: IteratorResult<ReadBatch<F>, undefined> | undefined;
  /** Where the reader begins, if that is known already. */
  readonly position: number | undefined;
  /** Follows a reader who has a position from the beginning, others from their first record on. */
  readonly gaps: GapDetector | undefined;
  readonly createGaps: (expected: number) => GapDetector;
  /** The id of an event behind which this record comes next. */
  readonly idAt: (seqNum: number) => string;
  readonly settings: EventStreamSettings<F>;
  /** Aborted when nobody is there to read any more. */
  readonly signal: AbortSignal;
  /** Once, when nothing more is read; with why, if that is no end that was to come. */
  readonly onEnded: (failure?: S2Error) => void;
}

/**
 * The body of the answer: one event a record, one chunk a batch. A batch is taken when the reader asks, so that a slow
 * reader slows the session down; while it waits for one, heartbeats are sent.
 */
export function createEventBody<F extends RecordFormat>(
  source: EventBodySource<F>,
): ReadableStream<Uint8Array> {
  const writer = new EventWriter(source);
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => writer.start(controller),
      pull: () => writer.writeNext(),
      cancel: (reason) => writer.cancel(reason),
    },
    // Nothing is taken ahead of the reader.
    { highWaterMark: 0 },
  );
}

class EventWriter<F extends RecordFormat> {
  readonly #source: EventBodySource<F>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #first: IteratorResult<ReadBatch<F>, undefined> | undefined;
  #gaps: GapDetector | undefined;
  #output!: EventOutput;
  #isCaughtUp = false;
  #isOver = false;
  /** The id of the newest event, without which no further one is told. */
  #id: string | undefined;

  constructor(source: EventBodySource<F>) {
    this.#source = source;
    this.#first = source.first;
    this.#gaps = source.gaps;
  }

  /** Says when to come back, and where the reader is: a reader that loses its connection before the first event misses nothing. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    const { idAt, settings, position, signal } = this.#source;
    if (position !== undefined) this.#id = idAt(position);
    const first = `retry: ${settings.retryMillis}\n${this.#id === undefined ? "" : `id: ${this.#id}\n`}\n`;
    this.#output = new EventOutput(controller, settings, first);
    // The session ends by itself with this signal; nobody may ever pull again.
    onAbort(signal, () => this.#close());
  }

  /** Sends what comes next; resolves when something was sent, or there is nothing more. */
  async writeNext(): Promise<void> {
    try {
      for (let text = ""; text === "" && !this.#isOver; ) {
        const result = this.#first ?? (await this.#source.batches.next());
        this.#first = undefined;
        if (result.done === true) return this.#finish();
        text = await this.#textOf(result.value);
        if (text !== "" && !this.#isOver) this.#output.send(text);
      }
    } catch (error) {
      await this.#fail(error);
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#end();
    await this.#source.session.cancel(reason).catch(() => {});
  }

  async #textOf(batch: ReadBatch<F>): Promise<string> {
    const { idAt, settings, createGaps } = this.#source;
    this.#gaps ??= createGaps(batch.records[0]?.seq_num ?? batch.tail?.seq_num ?? 0);
    let text = this.#gaps.isSuspicious(batch) ? this.#gapText(await this.#gaps.gapBefore(batch)) : "";
    this.#gaps.advance(batch);
    let skipped: number | undefined;
    for (const record of batch.records) {
      const next = record.seq_num + 1;
      const event = !settings.commands && isCommandRecord(record) ? undefined : settings.encode(record);
      if (event === undefined) skipped = next;
      else {
        this.#id = idAt(next);
        text += eventText(event, this.#id);
        skipped = undefined;
      }
    }
    if (skipped !== undefined) {
      this.#id = idAt(skipped);
      text += `id: ${this.#id}\n\n`;
    }
    return text + this.#boundaryText(batch);
  }

  /** Once: everything there was has been sent. */
  #boundaryText({ caughtUp, tail }: ReadBatch<F>): string {
    if (caughtUp !== true || tail === undefined || this.#isCaughtUp) return "";
    this.#isCaughtUp = true;
    this.#id ??= this.#source.idAt(tail.seq_num);
    return eventText({ event: "caught-up", data: JSON.stringify(tail) }, this.#id);
  }

  #gapText(gap: ReplayGap | undefined): string {
    if (gap === undefined) return "";
    const { settings, idAt } = this.#source;
    if (settings.onGap === "error") throw new ReplayGapError(gap);
    this.#id = idAt(gap.found);
    if (settings.onGap !== "event") {
      settings.onGap(gap);
      return `id: ${this.#id}\n\n`;
    }
    return eventText({ event: "gap", data: JSON.stringify(gap) }, this.#id);
  }

  /** The read has come to its end: who comes back is told that there is nothing more. */
  #finish(): void {
    if (this.#isOver) return;
    const id = this.#id ?? this.#source.idAt(this.#gaps?.expected ?? 0);
    this.#output.send(eventText({ event: "end", data: "{}" }, id + END_MARK));
    this.#close();
  }

  /** The reader comes back by itself, and is then told what is wrong. */
  async #fail(thrown: unknown): Promise<void> {
    if (this.#isOver) return;
    const error = s2ErrorFromUnknown(thrown, "The event of a record could not be made");
    this.#output.send(`event: failure\ndata: ${JSON.stringify({ code: error.code })}\n\n`);
    this.#close(error);
    await this.#source.session.cancel(thrown).catch(() => {});
  }

  #close(failure?: S2Error): void {
    if (this.#isOver) return;
    this.#end(failure);
    this.#controller.close();
  }

  #end(failure?: S2Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#output.stop();
    this.#source.onEnded(failure);
  }
}
