import { invalidArgument, show } from "../../error/make.js";
import { checkMillis } from "../../model/checks.js";
import { checkFencingToken } from "../../model/fencing-token.js";
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from "../../model/limits.js";
import type { AppendRecordInput } from "../../model/record.js";
import { checkOptionNames } from "../../model/shapes.js";
import type { Clock } from "../../util/clock.js";
import { measureRecord } from "./measure-record.js";

/** How records are gathered into batches. */
export interface BatchTransformArgs {
  /**
   * Milliseconds from a batch's first record until it is sent although not full. Default 5. 0 sends at the end of the
   * current turn of the event loop.
   */
  readonly lingerDurationMillis?: number | undefined;
  /** Most records of a batch, 1 to 1000. Default 1000. */
  readonly maxBatchRecords?: number | undefined;
  /** Most metered bytes of a batch, 1 to 1 MiB. Default 1 MiB. A larger record is refused. */
  readonly maxBatchBytes?: number | undefined;
  /** Put on every batch. */
  readonly fencing_token?: string | undefined;
  /** Condition of the first batch; each later one expects to follow the one before. */
  readonly match_seq_num?: number | undefined;
}

/** A gathered batch, as an append session's `writable` takes it. */
export interface BatchOutput {
  /** The records, in the order in which they were written. */
  records: AppendRecordInput[];
  /** The token that the stream must have. */
  fencing_token?: string;
  /** The sequence number that the first record must get. */
  match_seq_num?: number;
}

/** A completed `BatchTransformArgs`. */
export interface BatchSettings {
  readonly lingerDurationMillis: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  readonly fencing_token: string | undefined;
  readonly match_seq_num: number | undefined;
}

const DEFAULT_LINGER = 5;
const OPTIONS: readonly (keyof BatchTransformArgs)[] = [
  "lingerDurationMillis",
  "maxBatchRecords",
  "maxBatchBytes",
  "fencing_token",
  "match_seq_num",
];

/** Checks the options and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveBatchSettings(args: BatchTransformArgs = {}): BatchSettings {
  checkOptionNames(args, "a BatchTransform", OPTIONS);
  // Its name is long, and `lingerMillis` that of others.
  const linger = Object.keys(args).find((name) => /^linger/i.test(name) && name !== "lingerDurationMillis");
  if (linger !== undefined) {
    throw invalidArgument(
      `${linger} is not an option of a BatchTransform: it is called lingerDurationMillis`,
    );
  }
  const { fencing_token, match_seq_num, lingerDurationMillis = DEFAULT_LINGER } = args;
  checkMillis(lingerDurationMillis, "lingerDurationMillis");
  if (fencing_token !== undefined) checkFencingToken(fencing_token);
  if (match_seq_num !== undefined && !(Number.isSafeInteger(match_seq_num) && match_seq_num >= 0)) {
    throw invalidArgument(`match_seq_num must be an integer from 0 to 2^53-1; got ${show(match_seq_num)}`);
  }
  return {
    lingerDurationMillis,
    maxBatchRecords: bounded("maxBatchRecords", args.maxBatchRecords, MAX_BATCH_RECORDS),
    maxBatchBytes: bounded("maxBatchBytes", args.maxBatchBytes, MAX_BATCH_BYTES),
    fencing_token,
    match_seq_num,
  };
}

function bounded(field: string, value: number | undefined, most: number): number {
  if (value === undefined) return most;
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw invalidArgument(`${field} must be an integer from 1 to ${most}; got ${show(value)}`);
  }
  return value;
}

/** Gathers records into batches, by number, size and time. */
export class Batcher {
  readonly #settings: BatchSettings;
  readonly #clock: Clock;
  readonly #emit: (batch: BatchOutput) => void;
  #records: AppendRecordInput[] = [];
  #bytes = 0;
  #matchSeqNum: number | undefined;
  #cancelTimer: (() => void) | undefined;

  /** `emit` is called with each batch, during `add` and `flush` or when the linger has passed. */
  constructor(settings: BatchSettings, clock: Clock, emit: (batch: BatchOutput) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#emit = emit;
    this.#matchSeqNum = settings.match_seq_num;
  }

  /** Adds a record; throws `INVALID_ARGUMENT` for one that no batch could hold, and keeps the others. */
  add(record: AppendRecordInput): void {
    this.place(record, this.makeRoom(record));
  }

  /** Emits what has been gathered if the record does not fit in with it. Gives its metered size; throws as `add`. */
  makeRoom(record: AppendRecordInput): number {
    const bytes = measureRecord(record);
    const { maxBatchBytes } = this.#settings;
    if (bytes > maxBatchBytes) {
      throw invalidArgument(
        `A record has ${bytes} metered bytes, more than maxBatchBytes (${maxBatchBytes})`,
      );
    }
    if (this.#bytes + bytes > maxBatchBytes) this.flush();
    return bytes;
  }

  /** Adds a record for which there is room. */
  place(record: AppendRecordInput, bytes: number): void {
    const { maxBatchBytes, maxBatchRecords, lingerDurationMillis } = this.#settings;
    this.#records.push(record);
    this.#bytes += bytes;
    if (this.#records.length >= maxBatchRecords || this.#bytes >= maxBatchBytes) this.flush();
    else this.#cancelTimer ??= this.#clock.timer(lingerDurationMillis, () => this.flush(), true);
  }

  /** Emits what has been gathered, if anything. */
  flush(): void {
    const records = this.#records;
    this.stop();
    if (records.length === 0) return;
    const batch: BatchOutput = { records };
    if (this.#settings.fencing_token !== undefined) batch.fencing_token = this.#settings.fencing_token;
    if (this.#matchSeqNum !== undefined) {
      batch.match_seq_num = this.#matchSeqNum;
      this.#matchSeqNum += records.length;
    }
    this.#emit(batch);
  }

  /** Drops what has been gathered, and the timer. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#records = [];
    this.#bytes = 0;
  }
}
