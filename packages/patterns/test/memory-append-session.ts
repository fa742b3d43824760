import {
  type AcksStream,
  type AppendAck,
  type AppendArgs,
  type AppendRecordInput,
  type AppendSession,
  type AppendTicket,
  abortedError,
  type S2Error,
  type SubmitArgs,
  sessionClosedError,
} from "@s2-dev/streamstore-core";
import { checkBatch, type MemoryStream, type SentBatch, sizeOf } from "./memory-stream.js";

export interface MemoryAppendSessionOptions {
  /** Metered bytes that may be unacknowledged before writers wait. */
  readonly maxInflightBytes?: number;
  /** Let batches wait for `land()` instead of landing by themselves. */
  readonly isManual?: boolean;
}

class Pending implements AppendTicket {
  readonly batch: SentBatch;
  readonly bytes: number;
  resolve!: (ack: AppendAck) => void;
  reject!: (error: unknown) => void;
  readonly #ack: Promise<AppendAck>;

  constructor(batch: SentBatch) {
    this.batch = batch;
    this.bytes = sizeOf(batch.records);
    this.#ack = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.#ack.catch(() => {});
  }

  get numRecords(): number {
    return this.batch.records.length;
  }

  ack(): Promise<AppendAck> {
    return this.#ack;
  }
}

interface Waiter {
  readonly pending: Pending;
  readonly admitted: () => void;
  readonly refused: (error: unknown) => void;
}

/** An append session to a stream in memory, with the order, capacity and failures of a real one. */
export class MemoryAppendSession implements AppendSession {
  readonly writable: WritableStream<AppendArgs>;
  readonly #stream: MemoryStream;
  readonly #options: MemoryAppendSessionOptions;
  readonly #inflight: Pending[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #acks: ReadableStream<AppendAck>;
  #acksController!: ReadableStreamDefaultController<AppendAck>;
  #writableController!: WritableStreamDefaultController;
  #lifecycle: "accepting" | "closing" | "closed" | "failed" = "accepting";
  #failure: S2Error | undefined;
  #lastAck: AppendAck | undefined;
  readonly #finished: Promise<void>;
  #finish!: () => void;
  #finishWith!: (error: S2Error) => void;
  /** The most bytes that were unacknowledged at a time. */
  peakInflightBytes = 0;

  constructor(stream: MemoryStream, options: MemoryAppendSessionOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    this.#finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#finishWith = reject;
    });
    this.#finished.catch(() => {});
    this.#acks = new ReadableStream({
      start: (controller) => {
        this.#acksController = controller;
      },
    });
    this.writable = new WritableStream<AppendArgs>({
      start: (controller) => {
        this.#writableController = controller;
      },
      write: async (args) => {
        await this.enqueue(args.records, args);
      },
      close: () => this.close(),
      abort: (reason) => this.fail(abortedError(reason, "possible")),
    });
  }

  get lifecycle(): string {
    return this.#lifecycle;
  }

  get readable(): ReadableStream<AppendAck> {
    return this.#acks;
  }

  /** Batches that were taken and not acknowledged. */
  get inflight(): number {
    return this.#inflight.length;
  }

  /** Lets the first unacknowledged batches land. */
  land(count = 1): void {
    for (let left = count; left > 0 && this.#inflight.length > 0; left -= 1) this.#landFirst();
  }

  /** Ends the session with this error, as a lost connection does; batches may be told something of their own. */
  fail(error: S2Error, errorOfBatches: S2Error = error): void {
    if (this.#lifecycle === "closed" || this.#lifecycle === "failed") return;
    this.#lifecycle = "failed";
    this.#failure = error;
    for (const waiter of this.#waiters.splice(0)) waiter.refused(error);
    for (const pending of this.#inflight.splice(0)) pending.reject(errorOfBatches);
    this.#finishWith(error);
    this.#acksController.error(error);
    this.#writableController.error(error);
  }

  /** Fails the first unacknowledged batch alone; the session lives on. */
  failFirst(error: S2Error): void {
    this.#inflight.shift()?.reject(error);
    this.#letIn();
    this.#endIfDrained();
  }

  async submit(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: SubmitArgs,
  ): Promise<AppendAck> {
    const pending = this.#accept(records, args);
    this.#take(pending);
    return pending.ack();
  }

  async enqueue(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: SubmitArgs,
  ): Promise<AppendTicket> {
    const pending = this.#accept(records, args);
    if (this.#waiters.length === 0 && this.#fits(pending)) this.#take(pending);
    else {
      await new Promise<void>((admitted, refused) => this.#waiters.push({ pending, admitted, refused }));
    }
    return pending;
  }

  close(): Promise<void> {
    if (this.#lifecycle === "accepting") {
      this.#lifecycle = "closing";
      for (const waiter of this.#waiters.splice(0)) waiter.refused(sessionClosedError("AppendSession"));
      this.#endIfDrained();
    }
    return this.#finished;
  }

  acks(): AcksStream {
    return this.#acks as AcksStream;
  }

  lastAckedPosition(): AppendAck | undefined {
    return this.#lastAck;
  }

  failureCause(): S2Error | undefined {
    return this.#failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(records: AppendRecordInput | readonly AppendRecordInput[], args: SubmitArgs | undefined): Pending {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#lifecycle !== "accepting") throw sessionClosedError("AppendSession");
    const list = (Array.isArray(records) ? records : [records]) as readonly AppendRecordInput[];
    checkBatch(list);
    return new Pending({ records: list, match_seq_num: args?.match_seq_num ?? undefined });
  }

  #fits(pending: Pending): boolean {
    const limit = this.#options.maxInflightBytes ?? Number.POSITIVE_INFINITY;
    return this.#inflight.length === 0 || this.#inflightBytes() + pending.bytes <= limit;
  }

  #inflightBytes(): number {
    return this.#inflight.reduce((total, pending) => total + pending.bytes, 0);
  }

  #take(pending: Pending): void {
    this.#inflight.push(pending);
    this.peakInflightBytes = Math.max(this.peakInflightBytes, this.#inflightBytes());
    if (this.#options.isManual !== true)
      queueMicrotask(() => this.#inflight.includes(pending) && this.#landFirst());
  }

  #landFirst(): void {
    const pending = this.#inflight[0] as Pending;
    let ack: AppendAck;
    try {
      ack = this.#stream.append(pending.batch);
    } catch (error) {
      return this.fail(error as S2Error);
    }
    this.#inflight.shift();
    this.#lastAck = ack;
    pending.resolve(ack);
    this.#acksController.enqueue(ack);
    this.#letIn();
    this.#endIfDrained();
  }

  #letIn(): void {
    for (
      let next = this.#waiters[0];
      next !== undefined && this.#fits(next.pending);
      next = this.#waiters[0]
    ) {
      this.#waiters.shift();
      this.#take(next.pending);
      next.admitted();
    }
  }

  #endIfDrained(): void {
    if (this.#lifecycle !== "closing" || this.#inflight.length > 0) return;
    this.#lifecycle = "closed";
    this.#finish();
    this.#acksController.close();
  }
}
