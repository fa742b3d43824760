import {
  type AppendRecordInput,
  invalidArgument,
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
} from "@s2-dev/streamstore-core";
import { type Clock, show } from "@s2-dev/streamstore-core/transport";
import { MAX_FRAME_PAYLOAD } from "@s2-dev/streamstore-core/wire";
import { sizeOfRecord } from "./record-size.js";

/** How large a batch may become. */
export interface BatchLimits {
  /** Most records of a batch, 1 to 1000. Default 1000. */
  readonly maxBatchRecords?: number | undefined;
  /** Most metered bytes of a batch, 1 to 1 MiB. Default 1 MiB. A larger record is refused. */
  readonly maxBatchBytes?: number | undefined;
}

/** Completed limits, and when a batch that is not full is sent. */
export interface PackerSettings {
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  readonly lingerDurationMillis: number;
  /** Without one, batches leave when they are full or flushed. */
  readonly clock: Clock | undefined;
}

/** Records that go out together. */
export interface PackedBatch {
  readonly records: readonly AppendRecordInput[];
  /** Metered bytes. */
  readonly bytes: number;
}

/** Both conditions of an append, encoded, at most: a tag and a varint, a tag, a length and 36 bytes. */
const CONDITIONS_BYTES = 11 + 38;
/** Bytes of records that fit one frame; a record that is larger goes alone, and the encoder decides. */
const MAX_ENCODED_BYTES = MAX_FRAME_PAYLOAD - CONDITIONS_BYTES;

/** Checks a limit and fills in the default. Throws `INVALID_ARGUMENT`. */
function boundedBy(name: string, value: number | undefined, most: number): number {
  if (value === undefined) return most;
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw invalidArgument(`${name} must be an integer from 1 to ${most}; got ${show(value)}`);
}

/** Checks limits and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveBatchLimits(limits: BatchLimits): PackerLimits {
  return {
    maxBatchRecords: boundedBy("maxBatchRecords", limits.maxBatchRecords, MAX_BATCH_RECORDS),
    maxBatchBytes: boundedBy("maxBatchBytes", limits.maxBatchBytes, MAX_BATCH_BYTES),
  };
}

type PackerLimits = Pick<PackerSettings, "maxBatchRecords" | "maxBatchBytes">;

/** Gathers the records of a source into batches by number, by metered and by encoded size, and by time. */
export class BatchPacker {
  readonly #settings: PackerSettings;
  readonly #emit: (batch: PackedBatch) => void;
  #records: AppendRecordInput[] = [];
  #metered = 0;
  #encoded = 0;
  #taken = 0;
  #cancelTimer: (() => void) | undefined;

  /** `emit` is called with each batch, during `add` and `flush` or when the linger has passed. */
  constructor(settings: PackerSettings, emit: (batch: PackedBatch) => void) {
    this.#settings = settings;
    this.#emit = emit;
  }

  /** Adds the next record of the source; throws `INVALID_ARGUMENT` for one that fits no batch. */
  add(record: AppendRecordInput): void {
    const name = `Record ${this.#taken} of the source`;
    const { metered, encoded } = sizeOfRecord(record, name);
    const { maxBatchBytes, maxBatchRecords, clock, lingerDurationMillis } = this.#settings;
    if (metered > maxBatchBytes) {
      throw invalidArgument(`${name} has ${metered} metered bytes; the limit of a batch is ${maxBatchBytes}`);
    }
    if (this.#metered + metered > maxBatchBytes || this.#encoded + encoded > MAX_ENCODED_BYTES) this.flush();
    this.#records.push(record);
    this.#metered += metered;
    this.#encoded += encoded;
    this.#taken += 1;
    if (this.#records.length >= maxBatchRecords || this.#metered >= maxBatchBytes) this.flush();
    else this.#cancelTimer ??= clock?.timer(lingerDurationMillis, () => this.flush(), true);
  }

  /** Emits what has been gathered, if anything. */
  flush(): void {
    this.stop();
    if (this.#records.length === 0) return;
    const batch = { records: this.#records, bytes: this.#metered };
    this.#records = [];
    this.#metered = 0;
    this.#encoded = 0;
    this.#emit(batch);
  }

  /** Ends the timer. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
