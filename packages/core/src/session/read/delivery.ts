import type { S2Error } from "../../error/s2-error.js";
import type { StreamPosition } from "../../model/position.js";
import type { ReadBatch, ReadRecord, RecordFormat } from "../../model/record.js";
import type { LinkBatch } from "../../transport/index.js";
import { createDeferred, type Deferred } from "../../util/deferred.js";
import type { BatchConsumer, ReadDriver } from "./driver.js";

/** Somebody who waits for what comes next. */
interface Waiter {
  /** For what is left of a batch, not for a record. */
  readonly takesBatch: boolean;
  readonly answer: Deferred<IteratorResult<unknown, undefined>>;
  next: Waiter | undefined;
}

/**
 * Hands out the records of received batches one by one, and knows what has been handed over. Calls may overlap: each
 * gets what comes next, in the order of the calls.
 */
export class Delivery<F extends RecordFormat> implements BatchConsumer<F> {
  readonly driver: ReadDriver<F>;
  readonly #skips: ((record: ReadRecord<F>) => boolean) | undefined;
  #records: readonly ReadRecord<F>[] = [];
  #index = 0;
  /** The last record of the batch, skipped or not: with the last one handed over, the position is behind it. */
  #end: ReadRecord<F> | undefined;
  #isHeartbeat = false;
  #tail: StreamPosition | undefined;
  #handedOver: ReadRecord<F> | undefined;
  #isDropped = false;
  /** Those who wait, as a list: no promise but their own is made for them. */
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  /** Called before somebody who waits is told of the end. */
  onEnd: () => void = () => {};

  /** `skips` names records that count as handed over without being so. */
  constructor(driver: ReadDriver<F>, skips?: (record: ReadRecord<F>) => boolean) {
    this.driver = driver;
    this.#skips = skips;
  }

  get position(): StreamPosition | undefined {
    const last = this.#handedOver;
    if (last === undefined) return this.driver.anchor;
    return { seq_num: last.seq_num + 1, timestamp: last.timestamp };
  }

  /** The next record, if one has been received and nobody waits before. */
  take(): ReadRecord<F> | undefined {
    return this.#first === undefined ? this.#shift() : undefined;
  }

  /** The next record, waited for. */
  next(): Promise<IteratorResult<ReadRecord<F>, undefined>> {
    const record = this.#first === undefined ? this.#shift() : undefined;
    return record === undefined ? this.#inTurn(false) : given(record);
  }

  /** What is left of the current batch, or the next one. */
  nextBatch(heartbeats: boolean): Promise<IteratorResult<ReadBatch<F>, undefined>> {
    this.driver.givesHeartbeats = heartbeats;
    const rest = this.#first === undefined ? this.#shiftBatch() : undefined;
    return rest === undefined ? this.#inTurn(true) : given(rest);
  }

  /** Forgets what has not been handed over: the session was cancelled or aborted. */
  drop(): void {
    this.#isDropped = true;
    this.#records = [];
  }

  #inTurn<T>(takesBatch: boolean): Promise<IteratorResult<T, undefined>> {
    const answer = createDeferred<IteratorResult<T, undefined>>();
    this.#enqueue({
      takesBatch,
      answer: answer as Deferred<IteratorResult<unknown, undefined>>,
      next: undefined,
    });
    return answer.promise;
  }

  #enqueue(waiter: Waiter): void {
    if (this.#last !== undefined) {
      this.#last.next = waiter;
      this.#last = waiter;
      return;
    }
    this.#first = waiter;
    this.#last = waiter;
    this.driver.take(this);
  }

  /** The next batch with records, or `null` at the end; the driver calls it. */
  batch(batch: LinkBatch<F> | null): void {
    if (batch !== null && !this.#isDropped) this.#load(batch);
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      const item = waiter.takesBatch ? this.#shiftBatch() : this.#shift();
      if (item === undefined && batch !== null) return this.driver.take(this);
      this.#leave(waiter);
      if (item === undefined) this.onEnd();
      waiter.answer.resolve(item === undefined ? { done: true, value: item } : { done: false, value: item });
    }
  }

  /** The session has failed; the driver calls it. */
  failed(error: S2Error): void {
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) {
      this.#leave(waiter);
      this.onEnd();
      waiter.answer.reject(error);
    }
  }

  #leave(first: Waiter): void {
    this.#first = first.next;
    if (first.next === undefined) this.#last = undefined;
  }

  #load(batch: LinkBatch<F>): void {
    const { records } = batch;
    this.#records = this.#skips === undefined ? records : records.filter((record) => !this.#skips?.(record));
    this.#end = records[records.length - 1];
    this.#isHeartbeat = this.#end === undefined;
    this.#tail = batch.tail;
    this.#index = 0;
    if (this.#records.length === 0 && !this.#isHeartbeat) this.#finishBatch();
  }

  #finishBatch(): void {
    this.#handedOver = this.#end;
    this.driver.delivered();
  }

  #shift(): ReadRecord<F> | undefined {
    const record = this.#records[this.#index];
    if (record === undefined) return undefined;
    this.#index += 1;
    this.#handedOver = record;
    if (this.#index === this.#records.length) this.#finishBatch();
    return record;
  }

  #shiftBatch(): ReadBatch<F> | undefined {
    // A list of which nothing has been handed over is nobody else's, so it is given without a copy.
    const records = this.#index === 0 ? (this.#records as ReadRecord<F>[]) : this.#records.slice(this.#index);
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

/** A promise of an item that is there. From a loop's view the same as `Promise.resolve`, which costs a third more cold. */
async function given<T>(value: T): Promise<IteratorResult<T, undefined>> {
  return { done: false, value };
}
