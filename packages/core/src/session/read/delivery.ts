import type { StreamPosition } from "../../model/position.js";
import type { ReadBatch, ReadRecord, RecordFormat } from "../../model/record.js";
import type { LinkBatch } from "../../transport/index.js";
import { Fifo } from "../../util/fifo.js";
import type { ReadDriver } from "./driver.js";

/** A call that waits for its turn, and then for a record or a batch. */
interface Waiter {
  /** False: there is nothing to give it yet. */
  serve(): boolean;
  end(): void;
  fail(error: unknown): void;
}

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
  readonly #waiters = new Fifo<Waiter>();

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
    return this.#waiters.length === 0 ? this.#shift() : undefined;
  }

  /** The next record, waited for; `undefined` at the end. */
  next(): Promise<ReadRecord<F> | undefined> {
    return this.nextAs((record) => record);
  }

  /** The same as what `give`, which must not throw, makes of it: without the turns that a `then` would add. */
  nextAs<R>(give: (record: ReadRecord<F> | undefined) => R, failed?: () => void): Promise<R> {
    return this.#inTurn(() => this.#shift(), give, failed);
  }

  /** What is left of the current batch, or the next one, as what `give` makes of it; `undefined` at the end. */
  nextBatchAs<R>(
    heartbeats: boolean,
    give: (batch: ReadBatch<F> | undefined) => R,
    failed?: () => void,
  ): Promise<R> {
    this.#driver.givesHeartbeats = heartbeats;
    return this.#inTurn(() => this.#shiftBatch(), give, failed);
  }

  /** Forgets what has not been handed over: the session was cancelled or aborted. */
  drop(): void {
    this.#isDropped = true;
    this.#records = [];
  }

  /** Waits behind those that wait already. One promise for whoever waits, since a live tail waits for each record. */
  #inTurn<T, R>(
    shift: () => T | undefined,
    give: (item: T | undefined) => R,
    failed?: () => void,
  ): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({
        serve() {
          const item = shift();
          if (item !== undefined) resolve(give(item));
          return item !== undefined;
        },
        end: () => resolve(give(undefined)),
        fail(error) {
          failed?.();
          reject(error);
        },
      });
      if (this.#waiters.length === 1) this.#serve();
    });
  }

  /** Serves those who wait from what there is, and asks for more for the first that gets nothing. */
  #serve(): void {
    for (let first = this.#waiters.peek(); first !== undefined; first = this.#waiters.peek()) {
      if (!first.serve()) {
        this.#driver.take().then(this.#onBatch, this.#onFailure);
        return;
      }
      this.#waiters.shift();
    }
  }

  readonly #onBatch = (batch: LinkBatch<F> | null): void => {
    if (batch === null) this.#waiters.shift()?.end();
    else if (!this.#isDropped) this.#refill(batch);
    this.#serve();
  };

  readonly #onFailure = (error: unknown): void => {
    this.#waiters.shift()?.fail(error);
    this.#serve();
  };

  #refill({ records, tail }: LinkBatch<F>): void {
    this.#records = this.#skips === undefined ? records : records.filter((record) => !this.#skips?.(record));
    this.#end = records[records.length - 1];
    this.#isHeartbeat = this.#end === undefined;
    this.#tail = tail;
    this.#index = 0;
    if (this.#records.length === 0 && !this.#isHeartbeat) this.#finishBatch();
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
