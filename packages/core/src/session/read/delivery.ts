import type { StreamPosition } from "../../model/position.js";
import type { ReadBatch, ReadRecord, RecordFormat } from "../../model/record.js";
import { createDeferred } from "../../util/deferred.js";
import type { ReadDriver } from "./driver.js";

/**
 * Hands out the records of received batches one by one, and knows what has been handed over. Calls may overlap: each
 * gets what comes next, in the order of the calls.
 */
export class Delivery<F extends RecordFormat> {
  readonly #driver: ReadDriver<F>;
  readonly #skips: ((record: ReadRecord<F>) => boolean) | undefined;
  #records: readonly ReadRecord<F>[] = [];
  #index = 0;
  /** The last record of the batch, skipped or not: with the last one handed over, the position is behind it. */
  #end: ReadRecord<F> | undefined;
  #isHeartbeat = false;
  #tail: StreamPosition | undefined;
  #last: ReadRecord<F> | undefined;
  #isDropped = false;
  #waiting = 0;
  /** Settles when the last of those who wait has been served. */
  #line: Promise<void> | undefined;

  /** `skips` names records that count as handed over without being so. */
  constructor(driver: ReadDriver<F>, skips?: (record: ReadRecord<F>) => boolean) {
    this.#driver = driver;
    this.#skips = skips;
  }

  get position(): StreamPosition | undefined {
    const last = this.#last;
    if (last === undefined) return this.#driver.anchor;
    return { seq_num: last.seq_num + 1, timestamp: last.timestamp };
  }

  /** The next record, if one has been received and nobody waits before. */
  take(): ReadRecord<F> | undefined {
    return this.#waiting === 0 ? this.#shift() : undefined;
  }

  /** The next record, waited for; `undefined` at the end. */
  next(): Promise<ReadRecord<F> | undefined> {
    return this.#inTurn(() => this.#shift());
  }

  /** What is left of the current batch, or the next one; `undefined` at the end. */
  nextBatch(heartbeats: boolean): Promise<ReadBatch<F> | undefined> {
    this.#driver.givesHeartbeats = heartbeats;
    return this.#inTurn(() => this.#shiftBatch());
  }

  /** Forgets what has not been handed over: the session was cancelled or aborted. */
  drop(): void {
    this.#isDropped = true;
    this.#records = [];
  }

  async #inTurn<T>(shift: () => T | undefined): Promise<T | undefined> {
    const before = this.#waiting > 0 ? this.#line : undefined;
    const served = createDeferred<void>();
    this.#line = served.promise;
    this.#waiting += 1;
    try {
      if (before !== undefined) await before;
      for (let item = shift(); ; item = shift()) {
        if (item !== undefined) return item;
        if (!(await this.#refill())) return undefined;
      }
    } finally {
      this.#waiting -= 1;
      served.resolve();
    }
  }

  async #refill(): Promise<boolean> {
    const batch = await this.#driver.take();
    if (batch === null) return false;
    if (this.#isDropped) return true;
    const { records } = batch;
    this.#records = this.#skips === undefined ? records : records.filter((record) => !this.#skips?.(record));
    this.#end = records[records.length - 1];
    this.#isHeartbeat = this.#end === undefined;
    this.#tail = batch.tail;
    this.#index = 0;
    if (this.#records.length === 0 && !this.#isHeartbeat) this.#finishBatch();
    return true;
  }

  #finishBatch(): void {
    this.#last = this.#end;
    this.#driver.delivered();
  }

  #shift(): ReadRecord<F> | undefined {
    const record = this.#records[this.#index];
    if (record === undefined) return undefined;
    this.#index += 1;
    this.#last = record;
    if (this.#index === this.#records.length) this.#finishBatch();
    return record;
  }

  #shiftBatch(): ReadBatch<F> | undefined {
    const records = this.#records.slice(this.#index);
    if (records.length === 0 && !this.#isHeartbeat) return undefined;
    this.#records = [];
    const tail = this.#tail;
    const reachesTail = this.#isHeartbeat || (this.#end as ReadRecord<F>).seq_num + 1 === tail?.seq_num;
    if (!this.#isHeartbeat) this.#finishBatch();
    this.#isHeartbeat = false;
    if (tail === undefined) return { records };
    return reachesTail ? { records, tail, caughtUp: true } : { records, tail };
  }
}
