import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, meteredBytes } from "@s2-dev/streamstore-core";
import { type Clock, ignoreRejection } from "@s2-dev/streamstore-core/transport";
import { splitIntoBatches } from "../serialization/batches.js";
import type { FramedRecord } from "../serialization/frame.js";
import type { MessageQueue, MessageRange } from "../serialization/message-queue.js";

/** A message in its place. */
export interface PlacedMessage {
  /** Where the batch has landed that it is in, once that is durable. */
  readonly acked: Promise<MessageRange>;
  /** Records of that batch before it; `undefined` for a message that takes several batches of its own. */
  readonly offset: number | undefined;
  readonly records: number;
}

interface OpenBatch {
  readonly records: FramedRecord[];
  bytes: number;
  readonly acked: Promise<MessageRange>;
  readonly settle: (acked: Promise<MessageRange>) => void;
}

const NOTHING_SENT: Promise<void> = Promise.resolve();

/** Gathers messages into batches, so that many small ones do not take an append each. No message is split if it fits one. */
export class MessageBatcher {
  readonly #queue: MessageQueue;
  readonly #lingerMillis: number;
  readonly #clock: Clock;
  #open: OpenBatch | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Settles when what was sent last has its place in the session, and when it is durable. */
  #admitted: Promise<void> = NOTHING_SENT;
  #durable: Promise<unknown> = NOTHING_SENT;

  constructor(queue: MessageQueue, lingerMillis: number, clock: Clock) {
    this.#queue = queue;
    this.#lingerMillis = lingerMillis;
    this.#clock = clock;
  }

  /** Puts a message behind all before it. */
  add(records: readonly FramedRecord[]): PlacedMessage {
    let bytes = 0;
    for (const record of records) bytes += meteredBytes(record);
    if (records.length > MAX_BATCH_RECORDS || bytes > MAX_BATCH_BYTES) {
      this.flush();
      const acked = this.#send(splitIntoBatches(records));
      return { acked, offset: undefined, records: records.length };
    }
    const batch = this.#batchFor(records.length, bytes);
    const offset = batch.records.length;
    batch.records.push(...records);
    batch.bytes += bytes;
    return { acked: batch.acked, offset, records: records.length };
  }

  /** Until what was sent so far has its place in the session: while that has no room, no more should be added. */
  room(): Promise<void> {
    return this.#admitted;
  }

  /** Until what was sent so far is durable. Batches become so in order, so the last one tells of all. */
  async durable(): Promise<void> {
    await this.#durable;
  }

  /** Sends what has been gathered. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    batch.settle(this.#send([batch.records]));
  }

  #send(batches: readonly (readonly FramedRecord[])[]): Promise<MessageRange> {
    const { admitted, acked } = this.#queue.send(batches);
    this.#admitted = admitted;
    this.#durable = acked;
    ignoreRejection(admitted);
    return acked;
  }

  #batchFor(records: number, bytes: number): OpenBatch {
    const open = this.#open;
    if (open !== undefined) {
      const fits =
        open.records.length + records <= MAX_BATCH_RECORDS && open.bytes + bytes <= MAX_BATCH_BYTES;
      if (fits) return open;
      this.flush();
    }
    let settle: OpenBatch["settle"] = () => {};
    const acked = new Promise<MessageRange>((resolve) => {
      settle = resolve;
    });
    ignoreRejection(acked);
    const batch: OpenBatch = { records: [], bytes: 0, acked, settle };
    this.#open = batch;
    this.#cancelTimer = this.#clock.timer(this.#lingerMillis, () => this.flush(), true);
    return batch;
  }
}

/** The sequence numbers of a message, once it is durable. */
export function rangeOf({ acked, offset, records }: PlacedMessage): Promise<MessageRange> {
  if (offset === undefined) return acked;
  return acked.then((range) => ({ start: range.start + offset, end: range.start + offset + records }));
}
