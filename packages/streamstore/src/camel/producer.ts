import * as core from "@s2-dev/streamstore-core";
import { type AppendSession, engineOf } from "./append-session.js";
import { checkInput, guarded, rethrow, toldElsewhere } from "./errors.js";
import { type IterableStream, mappedReadable, mappedWritable } from "./mapped-streams.js";
import { type AppendAck, ackFromWire, ackToWire } from "./positions.js";
import { type AppendInput, type AppendRecord, inputFromBatch, recordToWire } from "./records.js";

/** A gathered batch, as an append session's `writable` takes it. */
export type BatchOutput = AppendInput;

/**
 * When a batch is full, how long it waits for more, and its conditions. Times in milliseconds, sizes in metered
 * bytes.
 */
export interface BatchTransformOptions {
  /** Default 5. */
  lingerDurationMillis?: number | undefined;
  /** 1 to 1000. Default 1000. */
  maxBatchRecords?: number | undefined;
  /** 1 to 1 MiB. Default 1 MiB. */
  maxBatchBytes?: number | undefined;
  /** Put on every batch. */
  fencingToken?: string | undefined;
  /** Condition of the first batch; each later one expects to follow the one before. */
  matchSeqNum?: number | undefined;
}

const ENGINES = new WeakMap<BatchTransform, core.BatchTransform>();

/** Gathers records into batches, for `pipeThrough` and an append session's `writable`. */
export class BatchTransform implements TransformStream<AppendRecord, BatchOutput> {
  #readable: IterableStream<BatchOutput> | undefined;
  #writable: WritableStream<AppendRecord> | undefined;
  readonly #engine: core.BatchTransform;

  constructor(options: BatchTransformOptions = {}) {
    checkInput(options, "the options of a BatchTransform");
    const { fencingToken, matchSeqNum, ...limits } = options;
    this.#engine = guarded(
      () => new core.BatchTransform({ ...limits, fencing_token: fencingToken, match_seq_num: matchSeqNum }),
    );
    ENGINES.set(this, this.#engine);
  }

  get readable(): ReadableStream<BatchOutput> {
    this.#readable ??= mappedReadable(this.#engine.readable, inputFromBatch);
    return this.#readable;
  }

  get writable(): WritableStream<AppendRecord> {
    this.#writable ??= mappedWritable(this.#engine.writable, recordToWire);
    return this.#writable;
  }

  /** Sends what was written before as a batch, full or not. */
  flush(): void {
    this.#engine.flush().catch(() => {});
  }
}

/** What became of one record: its place in its batch, and the batch's acknowledgement. */
export class IndexedAppendAck {
  /** Its place in the batch, from 0. */
  readonly index: number;
  /** The acknowledgement of its batch. */
  readonly ack: AppendAck;

  constructor(index: number, ack: AppendAck) {
    this.index = index;
    this.ack = ack;
  }

  /** The acknowledgement of its batch. */
  batchAppendAck(): AppendAck {
    return this.ack;
  }

  /** The record's own sequence number. */
  seqNum(): number {
    return this.ack.start.seqNum + this.index;
  }
}

/** A record whose place in the order is fixed. */
export class RecordSubmitTicket {
  readonly #ticket: core.RecordTicket;

  /** @internal Made by `Producer.submit`. */
  constructor(ticket: core.RecordTicket) {
    this.#ticket = ticket;
  }

  /** Settles when the record is durable, or has failed. */
  ack(): Promise<IndexedAppendAck> {
    return toldElsewhere(this.#ticket.ack(), indexedAck);
  }
}

/** Appends records one by one, in batches that it gathers. It owns the session: closing it closes the session. */
export class Producer implements AsyncDisposable {
  /** What makes batches of its records. */
  readonly batchTransform: BatchTransform;
  /** The session that it writes to. */
  readonly appendSession: AppendSession;
  readonly #engine: core.Producer;
  #readable: IterableStream<IndexedAppendAck> | undefined;
  #writable: WritableStream<AppendRecord> | undefined;

  /** `debugName` is taken for older code, and not used. */
  constructor(batchTransform: BatchTransform, appendSession: AppendSession, _debugName?: string) {
    checkInput(appendSession, "appendSession");
    this.batchTransform = batchTransform;
    this.appendSession = appendSession;
    this.#engine = guarded(
      () =>
        new core.Producer(
          // What is no transform of this entry is refused there.
          ENGINES.get(batchTransform) ?? (batchTransform as never),
          engineOf(appendSession) ?? producerSession(appendSession),
        ),
    );
  }

  /** Waits for capacity, then fixes the record's place in the order and resolves with its ticket. */
  async submit(record: AppendRecord): Promise<RecordSubmitTicket> {
    return this.#engine
      .enqueue(recordToWire(record))
      .then((ticket) => new RecordSubmitTicket(ticket), rethrow);
  }

  /** Resolves when all that was given before is durable; the producer takes records all the while. */
  flush(): Promise<void> {
    return this.#engine.flush().catch(rethrow);
  }

  /** Sends what is gathered, waits until all has settled, and closes the session. */
  close(): Promise<void> {
    return this.#engine.close().catch(rethrow);
  }

  /** What became of each record, in order, recorded from the first access on. */
  get readable(): ReadableStream<IndexedAppendAck> {
    this.#readable ??= mappedReadable(this.#engine.readable, indexedAck);
    return this.#readable;
  }

  /** Takes records; closing it closes the producer. */
  get writable(): WritableStream<AppendRecord> {
    this.#writable ??= mappedWritable(this.#engine.writable, recordToWire);
    return this.#writable;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function indexedAck({ seq_num, ack }: core.RecordAck): IndexedAppendAck {
  return new IndexedAppendAck(seq_num - ack.start.seq_num, ackFromWire(ack));
}

/** A session of somebody's own making, as a producer needs it. */
function producerSession(session: AppendSession): core.ProducerSession {
  return {
    enqueue: async (records, conditions) => {
      const ticket = await session.submit(inputFromBatch({ ...conditions, records: [...records] }));
      return { ack: () => ticket.ack().then(ackToWire) };
    },
    close: () => session.close(),
    failureCause: () => session.failureCause(),
    writable: session.writable,
  };
}
