import type { S2Error } from "../../error/s2-error.js";
import type { AppendAck } from "../../model/position.js";
import { createDeferred, type Deferred, ignoreRejection } from "../../util/deferred.js";

/** What became of one record: its sequence number, and the acknowledgement of the batch it was in. */
export interface RecordAck {
  /** The record's own. */
  readonly seq_num: number;
  /** Of the whole batch. */
  readonly ack: AppendAck;
}

/** A record whose place in the order is fixed. */
export interface RecordTicket {
  /** Settles when the record is durable, or has failed. */
  ack(): Promise<RecordAck>;
}

/** The records that go out together, from the first of them until they settle. */
export class ProducedBatch {
  /** Records in it so far. */
  count = 0;
  #ack: AppendAck | undefined;
  #error: S2Error | undefined;
  /** Made when somebody asks: whoever looks at no acknowledgement pays for no promise. */
  #deferred: Deferred<AppendAck> | undefined;
  #asked: Promise<unknown>[] = [];

  /** Of the record at this place. A promise that nobody kept does not end the process: the producer tells its failure. */
  ackOf(index: number): Promise<RecordAck> {
    return this.#then((ack) => ({ seq_num: ack.start.seq_num + index, ack }));
  }

  /** Settles when the batch has, and with it all before it. */
  settled(): Promise<void> {
    return this.#then(() => undefined);
  }

  get isSettled(): boolean {
    return this.#ack !== undefined || this.#error !== undefined;
  }

  settle(ack: AppendAck): void {
    this.#ack = ack;
    this.#asked = [];
    this.#deferred?.resolve(ack);
  }

  fail(error: S2Error): void {
    if (this.isSettled) return;
    this.#error = error;
    for (const promise of this.#asked) ignoreRejection(promise);
    this.#asked = [];
    this.#deferred?.reject(error);
  }

  #then<T>(view: (ack: AppendAck) => T): Promise<T> {
    if (this.#deferred === undefined) {
      this.#deferred = createDeferred();
      ignoreRejection(this.#deferred.promise);
      if (this.#ack !== undefined) this.#deferred.resolve(this.#ack);
      if (this.#error !== undefined) this.#deferred.reject(this.#error);
    }
    const promise = this.#deferred.promise.then(view);
    // One promise a record while all goes well: those that could be told of a failure unheard are kept apart.
    if (this.#error !== undefined) ignoreRejection(promise);
    else if (this.#ack === undefined) this.#asked.push(promise);
    return promise;
  }
}

/** One record of a batch; it costs no promise until somebody asks. */
export class ProducedRecord implements RecordTicket {
  readonly #batch: ProducedBatch;
  readonly #index: number;

  constructor(batch: ProducedBatch, index: number) {
    this.#batch = batch;
    this.#index = index;
  }

  ack(): Promise<RecordAck> {
    return this.#batch.ackOf(this.#index);
  }
}
