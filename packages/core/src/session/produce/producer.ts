import {
  abortedError,
  invalidArgument,
  s2ErrorFromUnknown,
  sessionClosedError,
  show,
} from "../../error/make.js";
import { amendError, type S2Error } from "../../error/s2-error.js";
import type { AppendAck } from "../../model/position.js";
import type { AppendRecordInput } from "../../model/record.js";
import { ignoreRejection } from "../../util/deferred.js";
import { createRecorder, type RecordedStream, type Recorder } from "../recorder.js";
import { BatchTransform } from "./batch-transform.js";
import type { Batcher, BatchOutput, BatchTransformArgs } from "./batcher.js";
import { ProducedBatch, ProducedRecord, type RecordAck, type RecordTicket } from "./produced-batch.js";
import { WaitingRoom } from "./waiting-room.js";
import { WriteCounter } from "./write-counter.js";

/** Records that may wait in `writable` while too much is unacknowledged. */
const QUEUED_RECORDS = 16;

/** An append session, as far as a producer needs one. */
export interface ProducerSession {
  /** Waits for capacity, then hands out a ticket. */
  enqueue(
    records: readonly AppendRecordInput[],
    conditions: Omit<BatchOutput, "records">,
  ): Promise<{ ack(): Promise<AppendAck> }>;
  /** Ends the session once everything is acknowledged. */
  close(): Promise<void>;
  /** Why it has failed, if it has. */
  failureCause(): S2Error | undefined;
  /** Tells of the session's end, and is aborted when the producer is. */
  readonly writable: WritableStream;
}

/**
 * Appends records one by one, in batches that it gathers by number, size and time: `new Producer({ lingerDurationMillis:
 * 10 }, await stream.appendSession())`. Each record gets its own sequence number.
 *
 * It owns the session: closing it closes the session, and nobody else should append through it. A record that could
 * stand in no batch is refused alone; whatever ends the session ends the producer, with that one error.
 */
export class Producer implements AsyncDisposable {
  readonly #session: ProducerSession;
  readonly #batcher: Batcher;
  readonly #room: WaitingRoom;
  readonly #writes = new WriteCounter();
  /** What the records being gathered will settle with. */
  #open = new ProducedBatch();
  /** The newest batch that was given to the session. */
  #newest: ProducedBatch | undefined;
  #failure: S2Error | undefined;
  #closed: Promise<void> | undefined;
  #hasEnded = false;
  #recorder: Recorder<RecordAck> | undefined;
  #writable: WritableStream<AppendRecordInput> | undefined;
  #writableController: WritableStreamDefaultController | undefined;
  #isClosedByWritable = false;
  #watching: WritableStreamDefaultWriter | undefined;

  /**
   * @param batching How records are gathered: options, or a `BatchTransform` with them, whose streams stay unused.
   * Throws `INVALID_ARGUMENT` for bad options.
   */
  constructor(batching: BatchTransform | BatchTransformArgs | undefined, session: ProducerSession) {
    const transform = transformOf(batching);
    if (typeof session?.enqueue !== "function" || typeof session.close !== "function") {
      throw invalidArgument(`the session of a producer must be an append session; got ${show(session)}`);
    }
    this.#session = session;
    this.#room = new WaitingRoom(transform.clock);
    this.#batcher = transform.createBatcher((batch) => this.#emit(batch));
  }

  /**
   * Appends a record; never waits for capacity. Resolves when it is durable. One that is refused before it is sent
   * (`INVALID_ARGUMENT`) rejects only its own promise. Other failures end the producer; they are also reported by
   * `flush()` and `close()`, so a promise may be left alone.
   */
  submit(record: AppendRecordInput): Promise<RecordAck> {
    if (this.#room.hasWaiters) return this.#submitBehind(record);
    try {
      this.#checkAccepting();
      const batch = this.#add(record);
      return batch.ackOf(batch.count - 1);
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Waits for capacity, then fixes the record's place in the order and resolves with its ticket. */
  enqueue(record: AppendRecordInput): Promise<RecordTicket> {
    try {
      this.#checkAccepting();
      if (!this.#room.hasRoom) return this.#room.whenRoom(() => this.#ticket(record));
      return Promise.resolve(this.#ticket(record));
    } catch (error) {
      return this.#refused(error);
    }
  }

  /**
   * Sends what was given before without waiting for the linger, and resolves when all of it is durable. The producer
   * takes records all the while. Rejects with what ended the producer.
   */
  async flush(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#writes.whenTaken((error) => (error === undefined ? resolve() : reject(error)));
    });
    if (this.#room.hasWaiters) await this.#room.whenRoom(() => {});
    this.#batcher.flush();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#newest?.isSettled === false) await this.#newest.settled().catch(() => {});
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Refuses further records, sends what is gathered, waits until all has settled, and closes the session. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** What became of each record, in order, recorded from the first access on. */
  get readable(): RecordedStream<RecordAck> {
    if (this.#recorder === undefined) {
      this.#recorder = createRecorder();
      if (this.#hasEnded || this.#failure !== undefined) this.#recorder.end(this.#failure);
      this.#watch();
    }
    return this.#recorder.stream;
  }

  /** Takes records; a write waits while too much is unacknowledged. Closing it closes the producer. */
  get writable(): WritableStream<AppendRecordInput> {
    this.#watch();
    this.#writable ??= this.#createWritable();
    return this.#writable;
  }

  /** What ended the producer, if it failed. */
  failureCause(): S2Error | undefined {
    return this.#failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkAccepting(): void {
    if (this.#failure !== undefined) throw amendError(this.#failure, { sideEffect: "none" });
    if (this.#closed !== undefined) throw sessionClosedError("The producer");
  }

  /** Adds a record, and gives the batch in which it is the last one. */
  #add(record: AppendRecordInput): ProducedBatch {
    const bytes = this.#batcher.makeRoom(record);
    const batch = this.#open;
    batch.count += 1;
    this.#batcher.place(record, bytes);
    return batch;
  }

  #ticket(record: AppendRecordInput): RecordTicket {
    const batch = this.#add(record);
    return new ProducedRecord(batch, batch.count - 1);
  }

  /** A record that never waits for capacity still keeps its place behind those that do. */
  async #submitBehind(record: AppendRecordInput): Promise<RecordAck> {
    const ticket = await this.enqueue(record);
    return ticket.ack();
  }

  /** What comes after the producer has failed is refused with what is known already: it must not end the process anew. */
  #refused(error: unknown): Promise<never> {
    const refused = Promise.reject(error);
    if (this.#failure !== undefined) ignoreRejection(refused);
    return refused;
  }

  /** Gives a batch to the session, which fixes its place now. */
  #emit({ records, ...conditions }: BatchOutput): void {
    const batch = this.#open;
    this.#open = new ProducedBatch();
    this.#newest = batch;
    this.#room.gave();
    this.#session.enqueue(records, conditions).then(
      (ticket) => {
        this.#room.taken();
        return ticket.ack().then(
          (ack) => this.#settle(batch, ack),
          (thrown: unknown) => this.#failBatch(batch, thrown),
        );
      },
      (thrown: unknown) => this.#failBatch(batch, thrown),
    );
  }

  #settle(batch: ProducedBatch, ack: AppendAck): void {
    batch.settle(ack);
    this.#room.progress();
    if (this.#recorder === undefined) return;
    for (let index = 0; index < batch.count; index += 1) {
      this.#recorder.push({ seq_num: ack.start.seq_num + index, ack });
    }
  }

  #failBatch(batch: ProducedBatch, thrown: unknown): void {
    const error = s2ErrorFromUnknown(thrown);
    batch.fail(error);
    this.#fail(this.#session.failureCause() ?? error);
  }

  /** Ends the producer; what has not been given to the session cannot have had an effect. */
  #fail(error: S2Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    const unsent = error.sideEffect === "none" ? error : amendError(error, { sideEffect: "none" });
    this.#batcher.stop();
    this.#open.fail(unsent);
    this.#room.fail(unsent);
    this.#writes.fail(error);
    this.#recorder?.end(error);
    if (this.#writableController?.signal.aborted === false) this.#writableController.error(error);
  }

  async #close(): Promise<void> {
    this.#room.fail(sessionClosedError("The producer"));
    this.#batcher.flush();
    // A session that is closed refuses what still waits for room in it.
    if (!this.#room.hasRoom && this.#failure === undefined) await this.#room.allIn();
    const [closing] = await Promise.allSettled([this.#session.close(), this.#newest?.settled()]);
    if (closing.status === "rejected") this.#fail(s2ErrorFromUnknown(closing.reason));
    if (this.#failure !== undefined) throw this.#failure;
    this.#hasEnded = true;
    this.#recorder?.end(undefined);
    this.#writes.end();
    if (!this.#isClosedByWritable) this.#writableController?.error(sessionClosedError("The producer"));
  }

  /** For those who wait on a stream: of a session that ends while nothing is on its way no batch tells. */
  #watch(): void {
    const { writable } = this.#session;
    if (writable.locked) return;
    this.#watching = writable.getWriter();
    this.#watching.closed.catch(async (thrown: unknown) => {
      await this.#newest?.settled().catch(() => {});
      if (this.#closed === undefined) this.#fail(s2ErrorFromUnknown(thrown));
    });
  }

  #createWritable(): WritableStream<AppendRecordInput> {
    return new WritableStream<AppendRecordInput>(
      {
        start: (controller) => {
          this.#writableController = controller;
          // The sink's own abort() is called once a waiting write has settled, which it would do by an ack.
          controller.signal.addEventListener("abort", () => this.#abort(controller.signal.reason));
          if (this.#failure !== undefined) controller.error(this.#failure);
        },
        write: (record) => {
          if (this.#room.hasWaiters) return this.#room.whenRoom(() => this.#take(record));
          this.#take(record);
          if (!this.#room.hasRoom) return this.#room.whenRoom(() => {});
        },
        close: () => {
          this.#isClosedByWritable = true;
          this.#writes.end();
          return this.close();
        },
      },
      { highWaterMark: QUEUED_RECORDS, size: this.#writes.size },
    );
  }

  /** Takes a record that was written. */
  #take(record: AppendRecordInput): void {
    try {
      this.#checkAccepting();
      this.#add(record);
      this.#writes.taken();
    } catch (error) {
      // The stream fails with it, and whatever else was written to it.
      this.#writes.end(s2ErrorFromUnknown(error));
      throw error;
    }
  }

  #abort(reason: unknown): void {
    this.#fail(abortedError(reason, "possible"));
    // The batches that the session has settle with it.
    this.#watching?.abort(reason).catch(() => {});
  }
}

/** Streams that are not ours would be taken for options that say nothing, and their conditions would be lost. */
function transformOf(batching: BatchTransform | BatchTransformArgs | undefined): BatchTransform {
  if (batching instanceof BatchTransform) return batching;
  if (typeof batching === "object" && batching !== null && "writable" in batching) {
    throw invalidArgument("the batching of a producer must be options or a BatchTransform of this package");
  }
  return new BatchTransform(batching);
}
