import type { S2Stream } from "@s2-dev/streamstore";
import {
  RangeNotSatisfiableError,
  type ReadBatch,
  type RecordFormat,
  S2Error,
} from "@s2-dev/streamstore-core";

/** Records that a reader has missed: they were trimmed, or have expired, before it came to them. */
export interface ReplayGap {
  /** Sequence number of the first that is missing: where the reader was. */
  readonly expected: number;
  /** Sequence number of the first that is left, or of the tail when none is. */
  readonly found: number;
}

/** A reader that went on from a position has missed records. Its code is `REPLAY_GAP`. */
export class ReplayGapError extends S2Error implements ReplayGap {
  readonly expected: number;
  readonly found: number;

  constructor({ expected, found }: ReplayGap) {
    super({
      message: `Records ${expected} to ${found - 1} are not in the stream any more; the next one is ${found}`,
      code: "REPLAY_GAP",
      status: 410,
      data: { expected, found },
      sideEffect: "none",
      retryable: false,
    });
    this.name = "ReplayGapError";
    this.expected = expected;
    this.found = found;
  }
}

/** What becomes of a gap: an error, or a call and on with what is left. */
export type GapPolicy = "error" | ((gap: ReplayGap) => void);

/** What is needed of a handle of a stream to look for what is missing. */
export type GapSource = Pick<S2Stream, "checkTail" | "read">;

/** Follows the sequence numbers of a reader's batches, heartbeats included, and finds what is missing between them. */
export class GapDetector {
  readonly #stream: GapSource;
  #expected: number;

  /** `expected` is where the reader begins. */
  constructor(stream: GapSource, expected: number) {
    this.#stream = stream;
    this.#expected = expected;
  }

  /** Where the reader is: behind all that was observed, and behind the gaps that were found. */
  get expected(): number {
    return this.#expected;
  }

  /** Whether a batch has to be looked at: it does not simply go on. */
  isSuspicious({ records, tail }: ReadBatch<RecordFormat>): boolean {
    return (records[0]?.seq_num ?? tail?.seq_num ?? this.#expected) > this.#expected;
  }

  /** Takes note of a batch. Within one nothing is missing: what is trimmed lies before all the rest. */
  advance({ records }: ReadBatch<RecordFormat>): void {
    const last = records[records.length - 1];
    if (last !== undefined) this.#expected = last.seq_num + 1;
  }

  /** What is missing before a suspicious batch. */
  async gapBefore({ records, tail }: ReadBatch<RecordFormat>): Promise<ReplayGap | undefined> {
    const expected = this.#expected;
    const found = records[0]?.seq_num ?? (await this.#firstLeft(tail?.seq_num ?? expected));
    if (found <= expected) return undefined;
    this.#expected = found;
    return { expected, found };
  }

  /** What is missing at the end of a read that has given nothing. */
  async gapAtEnd(): Promise<ReplayGap | undefined> {
    const { tail } = await this.#stream.checkTail();
    const batch = { records: [], tail };
    return this.isSuspicious(batch) ? this.gapBefore(batch) : undefined;
  }

  /** A heartbeat may tell of records that are still on their way, so the stream is asked for them. */
  async #firstLeft(tail: number): Promise<number> {
    const args = { seq_num: this.#expected, count: 1, as: "bytes", unsafeTimestamps: "saturate" } as const;
    try {
      const { records } = await this.#stream.read(args);
      return records[0]?.seq_num ?? tail;
    } catch (error) {
      if (error instanceof RangeNotSatisfiableError) return this.#expected;
      throw error;
    }
  }
}
