import type { S2Error } from "../../error/s2-error.js";
import type { AppendAck } from "../../model/position.js";
import type { EncodedBatch } from "../../model/record.js";
import { createDeferred, type Deferred, ignoreRejection } from "../../util/deferred.js";
import type { AppendTicket } from "./types.js";

/**
 * What a batch costs besides its metered bytes: without it, a million empty records would fit within any number of
 * metered bytes. More than its objects take, since the garbage collector moves whatever is in flight: a quarter less
 * CPU for batches of one record than with 512, and still 5000 of them in flight by default.
 */
const FIXED_CHARGE = 2048;

/** A batch from its admission until it settles. The encoded frame is kept, so a re-send encodes nothing. */
export class PendingBatch implements AppendTicket {
  #batch: EncodedBatch;
  #isStamped = false;
  /** When it was last handed to a link, in the clock's milliseconds. No integer: V8 would make the class anew later. */
  sentAt = Number.NEGATIVE_INFINITY;
  /** A byte of it may have reached the server on an earlier link. */
  mayHaveLanded = false;
  #ack: AppendAck | undefined;
  #error: S2Error | undefined;
  /** Made when somebody asks: a writer that never looks at its acks pays for no promise. */
  #deferred: Deferred<AppendAck> | undefined;

  constructor(batch: EncodedBatch) {
    this.#batch = batch;
  }

  get batch(): EncodedBatch {
    return this.#batch;
  }

  /** Whether exactly-once mode has given it its place. */
  get isStamped(): boolean {
    return this.#isStamped;
  }

  stampWith(batch: EncodedBatch): void {
    this.#batch = batch;
    this.#isStamped = true;
  }

  get bytes(): number {
    return this.batch.meteredBytes;
  }

  get numRecords(): number {
    return this.batch.recordCount;
  }

  /** What it takes of `maxInflightBytes`. */
  get charge(): number {
    return this.batch.meteredBytes + FIXED_CHARGE;
  }

  ack(): Promise<AppendAck> {
    if (this.#deferred === undefined) {
      this.#deferred = createDeferred();
      // The session reports its failure once, by close(): a promise nobody kept must not end the process.
      ignoreRejection(this.#deferred.promise);
      if (this.#ack !== undefined) this.#deferred.resolve(this.#ack);
      if (this.#error !== undefined) this.#deferred.reject(this.#error);
    }
    return this.#deferred.promise;
  }

  settle(ack: AppendAck): void {
    this.#ack = ack;
    this.#batch.place?.release();
    this.#deferred?.resolve(ack);
  }

  fail(error: S2Error): void {
    this.#error = error;
    this.#deferred?.reject(error);
  }
}
