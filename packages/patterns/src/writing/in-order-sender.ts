import {
  type AppendAck,
  type AppendRecordInput,
  type AppendSession,
  invalidArgument,
  isS2Error,
  type S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core";
import { createDeferred, ignoreRejection } from "@s2-dev/streamstore-core/transport";
import { encodeAppendBatch } from "@s2-dev/streamstore-core/wire";
import type { AppendProgress } from "./append-all.js";
import type { PackedBatch } from "./batch-packer.js";

/** What goes with every batch, and who is told. */
export interface SenderOptions {
  readonly fencing_token?: string | undefined;
  readonly match_seq_num?: number | undefined;
  readonly onProgress?: ((progress: AppendProgress) => void) | undefined;
}

/** Sends batches through a session one behind the other, each as soon as there is room, and keeps count. */
export class InOrderSender {
  readonly #session: Pick<AppendSession, "enqueue">;
  readonly #options: SenderOptions;
  #progress: AppendProgress = { records: 0, bytes: 0, batches: 0, start: undefined, end: undefined };
  /** The place in the order of the batch that was sent last. */
  #line: Promise<void> = Promise.resolve();
  /** Batches that have no place in the session yet, and those that have one and are not settled. */
  #queued = 0;
  #unsettled = 0;
  /** Records that have been handed to the session, and how far those reach that may have landed. */
  #sent = 0;
  #mayHaveLanded = 0;
  #failure: S2Error | undefined;
  #isAbandoned = false;
  /** Told when something settles or fails. */
  #wake: (() => void) | undefined;

  constructor(session: Pick<AppendSession, "enqueue">, options: SenderOptions) {
    this.#session = session;
    this.#options = options;
  }

  get progress(): AppendProgress {
    return this.#progress;
  }

  /** Records behind the durable ones that may be durable too. */
  get uncertain(): number {
    // What is not settled by now was left to itself.
    const reach = this.#isAbandoned ? this.#sent : this.#mayHaveLanded;
    return Math.max(0, reach - this.#progress.records);
  }

  /** Whether a batch waits for room. */
  get isBusy(): boolean {
    return this.#queued > 0;
  }

  get failure(): S2Error | undefined {
    return this.#failure;
  }

  /** Sends a batch behind those before it, unless one of them has failed. */
  send(batch: PackedBatch): void {
    this.#queued += 1;
    this.#line = this.#line.then(() => this.#enqueue(batch));
  }

  /** Sends nothing more; what was sent still settles. */
  stop(error: S2Error): void {
    this.#fail(error);
  }

  /** Sends nothing more, and waits for nothing more: not for acknowledgements either. */
  abandon(error: S2Error): void {
    this.#isAbandoned = true;
    this.#fail(error);
  }

  /** Until every batch has a place in the session. Rejects when sending has failed. */
  room(): Promise<void> {
    return this.#until(() => this.#queued === 0);
  }

  /** Until every batch is durable. Rejects, once nothing is on its way any more, with what failed first. */
  async settled(): Promise<void> {
    while (!this.#isAbandoned && this.#queued + this.#unsettled > 0) await this.#nextChange();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The same promise, which rejects as soon as sending fails. One at a time. */
  orFailure<T>(promise: PromiseLike<T>): Promise<T> {
    const { promise: guarded, resolve, reject } = createDeferred<T>();
    if (this.#failure !== undefined) reject(this.#failure);
    this.#wake = () => {
      if (this.#failure !== undefined) reject(this.#failure);
    };
    promise.then(resolve, reject);
    return guarded;
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isReached()) await this.#nextChange();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #enqueue(batch: PackedBatch): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#enter(batch);
    } catch (error) {
      this.#fail(s2ErrorFromUnknown(error));
    } finally {
      this.#queued -= 1;
      this.#wake?.();
    }
  }

  async #enter({ records, bytes }: PackedBatch): Promise<void> {
    const { fencing_token, match_seq_num } = this.#options;
    const before = this.#sent;
    const args = {
      fencing_token,
      ...(match_seq_num === undefined ? {} : { match_seq_num: match_seq_num + before }),
    };
    this.#sent += records.length;
    try {
      const ticket = await this.#session.enqueue(records, args);
      this.#unsettled += 1;
      ignoreRejection(this.#settle(ticket.ack(), records.length, bytes, this.#sent));
    } catch (error) {
      this.#sent = before;
      const bad = isS2Error(error) && error.code === "INVALID_ARGUMENT" ? firstRefused(records) : undefined;
      if (bad === undefined) throw error;
      // The records before it are good, and are promised to be appended.
      if (bad.index > 0) {
        const good = records.slice(0, bad.index);
        await this.#enter({ records: good, bytes: bytesOf(good) });
      }
      throw invalidArgument(`Record ${before + bad.index} of the source: ${bad.error.message}`);
    }
  }

  async #settle(acked: Promise<AppendAck>, records: number, bytes: number, reach: number): Promise<void> {
    try {
      const { start, end } = await acked;
      const before = this.#progress;
      this.#progress = {
        records: before.records + records,
        bytes: before.bytes + bytes,
        batches: before.batches + 1,
        start: before.start ?? start,
        end,
      };
      if (this.#failure === undefined) this.#options.onProgress?.(this.#progress);
    } catch (thrown) {
      const error = s2ErrorFromUnknown(thrown, "onProgress failed");
      if (error.sideEffect === "possible") this.#mayHaveLanded = Math.max(this.#mayHaveLanded, reach);
      this.#fail(error);
    } finally {
      this.#unsettled -= 1;
      this.#wake?.();
    }
  }

  #fail(error: S2Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }
}

/** The first record that the encoder refuses by itself, and why. */
function firstRefused(records: readonly AppendRecordInput[]): { index: number; error: S2Error } | undefined {
  for (const [index, record] of records.entries()) {
    try {
      encodeAppendBatch([record]);
    } catch (error) {
      return { index, error: s2ErrorFromUnknown(error) };
    }
  }
  return undefined;
}

function bytesOf(records: readonly AppendRecordInput[]): number {
  return encodeAppendBatch(records).meteredBytes;
}
