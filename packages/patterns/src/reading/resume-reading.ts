import type { S2RequestOptions, S2Stream } from "@s2-dev/streamstore";
import {
  invalidArgument,
  isCommandRecord,
  type ReadArgs,
  type ReadBatch,
  type ReadRecord,
  type ReadSession,
  type RecordFormat,
} from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { createCursor, restoreCursor, type StreamCursor } from "../cursor/stream-cursor.js";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { GapDetector, type GapPolicy, type ReplayGap, ReplayGapError } from "./replay-gap.js";

/** What is needed of a handle of a stream to go on reading it. */
export type ResumableStream = Pick<S2Stream, "basin" | "checkTail" | "name" | "read" | "readSession">;

/** How to go on reading, and until when. */
export interface ResumeArgs<F extends RecordFormat = RecordFormat>
  extends Omit<ReadArgs<F>, "bytes" | "clamp" | "count" | "seq_num" | "tail_offset" | "timestamp" | "until"> {
  /**
   * What happens when records that were not read yet have been trimmed or have expired: `"error"` (default) ends the read
   * with `ReplayGapError`; a function is told, and the read goes on with what is left, unless it throws.
   */
  readonly onGap?: GapPolicy | undefined;
}

/** What is looked at here; the session checks the others. */
const NAMES: OptionNames<Pick<ResumeArgs, "ignoreCommandRecords" | "onGap">> = {
  ignoreCommandRecords: true,
  onGap: true,
};

/** The records of a stream from a saved position on, followed live. Leaving a loop early ends the read. */
export interface ResumedRecords<F extends RecordFormat = "string">
  extends AsyncIterable<ReadRecord<F>>,
    AsyncDisposable {
  [Symbol.asyncIterator](): AsyncGenerator<ReadRecord<F>, undefined>;
  /** By received batch: one promise a batch instead of several a record. */
  batches(): AsyncGenerator<ReadBatch<F>, undefined>;
  /** Where to go on later: behind the last record handed over, and behind gaps that were accepted. */
  cursor(): StreamCursor;
  /** Ends the read, also while somebody waits for a record. */
  cancel(reason?: unknown): Promise<void>;
}

/**
 * Goes on reading where an earlier reader has stopped, and notices what was trimmed meanwhile: at once, also when nothing
 * is left. `from` is a cursor, its text, or a sequence number.
 *
 * @throws CursorMismatchError for the cursor of another stream.
 * @throws RangeNotSatisfiableError when the position lies beyond the tail: the stream is not the one that it came from.
 * @throws S2Error `INVALID_ARGUMENT` for what is no position.
 *
 * @example
 * const records = await resumeReading(stream, saved, { onGap: ({ expected, found }) => reload(expected, found) });
 * for await (const record of records) save(record, String(records.cursor()));
 */
export async function resumeReading<F extends RecordFormat = "string">(
  stream: ResumableStream,
  from: StreamCursor | string | number,
  args: ResumeArgs<F> = {},
  options?: S2RequestOptions,
): Promise<ResumedRecords<F>> {
  checkOptions<object>(args, "resumeReading", NAMES);
  const { onGap = "error", ignoreCommandRecords = false, ...read } = args;
  if (onGap !== "error" && typeof onGap !== "function") {
    throw invalidArgument(`onGap must be "error" or a function; got ${show(onGap)}`);
  }
  const seq_num = positionIn(stream, from);
  // Commands are left out behind the look for gaps, which needs every sequence number.
  const session = await stream.readSession<F>({ ...read, seq_num } as ReadArgs<F>, options);
  return new Resumed(stream, session, seq_num, onGap, ignoreCommandRecords);
}

/** The sequence number that a position means in this stream. */
function positionIn(stream: ResumableStream, from: StreamCursor | string | number): number {
  if (typeof from === "number") return createCursor(stream, from).seq_num;
  return restoreCursor(String(from), stream).seq_num;
}

class Resumed<F extends RecordFormat> implements ResumedRecords<F> {
  readonly #stream: ResumableStream;
  readonly #session: ReadSession<F>;
  readonly #onGap: GapPolicy;
  readonly #ignoresCommands: boolean;
  readonly #gaps: GapDetector;
  #next: number;

  constructor(
    stream: ResumableStream,
    session: ReadSession<F>,
    seqNum: number,
    onGap: GapPolicy,
    ignoresCommands: boolean,
  ) {
    this.#stream = stream;
    this.#session = session;
    this.#onGap = onGap;
    this.#ignoresCommands = ignoresCommands;
    this.#gaps = new GapDetector(stream, seqNum);
    this.#next = seqNum;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReadRecord<F>, undefined> {
    for await (const { records } of this.#observed()) {
      for (const record of records) {
        this.#next = record.seq_num + 1;
        if (!this.#skips(record)) yield record;
      }
      this.#next = this.#gaps.expected;
    }
    return undefined;
  }

  async *batches(): AsyncGenerator<ReadBatch<F>, undefined> {
    for await (const batch of this.#observed()) {
      this.#next = this.#gaps.expected;
      const records = this.#ignoresCommands
        ? batch.records.filter((record) => !this.#skips(record))
        : batch.records;
      if (records.length > 0) yield { ...batch, records };
    }
    return undefined;
  }

  cursor(): StreamCursor {
    return createCursor(this.#stream, this.#next);
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#session.cancel(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel("disposed").catch(() => {});
  }

  /** Every batch, heartbeats included, each looked at for a gap before it. */
  async *#observed(): AsyncGenerator<ReadBatch<F>, undefined> {
    let isEmpty = true;
    for await (const batch of this.#session.batches({ heartbeats: true })) {
      isEmpty = false;
      if (this.#gaps.isSuspicious(batch)) this.#apply(await this.#gaps.gapBefore(batch));
      this.#gaps.advance(batch);
      yield batch;
    }
    // A read that may not wait ends without a word when all that it was to read is gone.
    if (isEmpty) this.#apply(await this.#gaps.gapAtEnd());
    return undefined;
  }

  #apply(gap: ReplayGap | undefined): void {
    if (gap === undefined) return;
    if (this.#onGap === "error") throw new ReplayGapError(gap);
    this.#onGap(gap);
    this.#next = gap.found;
  }

  #skips(record: ReadRecord<F>): boolean {
    return this.#ignoresCommands && isCommandRecord(record);
  }
}
