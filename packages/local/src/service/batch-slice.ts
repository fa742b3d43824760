import { RecordCursor } from "../storage/record-cursor.js";
import type { StoredBatch } from "../storage/storage.js";
import { subtractU64, type U64 } from "../storage/u64.js";
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from "./append-input.js";

/** Bounds that shrink with what has been read; `undefined` is no bound. */
export interface Allowance {
  readonly count: U64 | undefined;
  readonly bytes: U64 | undefined;
  /** Exclusive timestamp. */
  readonly until: U64 | undefined;
}

/** What is left of an allowance. */
export function spend(allowance: Allowance, count: number, bytes: number): Allowance {
  return {
    count: allowance.count === undefined ? undefined : subtractU64(allowance.count, count),
    bytes: allowance.bytes === undefined ? undefined : subtractU64(allowance.bytes, bytes),
    until: allowance.until,
  };
}

/** Whether nothing more may be read. */
export function isSpent(allowance: Allowance): boolean {
  return allowance.count === 0 || allowance.bytes === 0;
}

/** Why a slice took no more: the batches ended, a batch of a read is full, or a bound denied the next record. */
export type SliceEnd = "all" | "full" | "denied";

/**
 * Collects records for one batch of a read: at most 1000 records and 1 MiB metered, within the allowance. Stored
 * batches that fit are taken whole, without looking at their records.
 */
export class BatchSlice {
  readonly chunks: Uint8Array[] = [];
  count = 0;
  meteredBytes = 0;
  lastSeqNum = 0;
  end: SliceEnd = "all";

  constructor(
    private readonly allowance: Allowance,
    private readonly from: U64,
    private readonly to: number,
  ) {}

  /** Whether nothing more fits, whatever comes. */
  get isFull(): boolean {
    const { count, bytes } = this.allowance;
    if (count !== undefined && this.count >= count) return true;
    if (bytes !== undefined && this.meteredBytes >= bytes) return true;
    return this.count >= MAX_BATCH_RECORDS || this.meteredBytes >= MAX_BATCH_BYTES;
  }

  /** Takes what it may of a batch; false when it wants no more. */
  take(batch: StoredBatch): boolean {
    const last = batch.firstSeqNum + batch.count - 1;
    const whole = batch.firstSeqNum >= this.from && last < this.to;
    if (whole && this.#verdict(batch.count, batch.meteredBytes, batch.lastTimestamp) === "all") {
      this.chunks.push(batch.bytes);
      this.#add(batch.count, batch.meteredBytes, last);
      return true;
    }
    return this.#takeRecords(batch);
  }

  #takeRecords(batch: StoredBatch): boolean {
    const cursor = new RecordCursor(batch.bytes);
    let start = -1;
    let end = 0;
    while (cursor.next()) {
      if (cursor.seqNum < this.from) continue;
      if (cursor.seqNum >= this.to) break;
      const metered = cursor.meteredBytes;
      this.end = this.#verdict(1, metered, cursor.timestamp);
      if (this.end !== "all") break;
      if (start < 0) start = cursor.start;
      end = cursor.end;
      this.#add(1, metered, cursor.seqNum);
    }
    if (start >= 0) this.chunks.push(batch.bytes.subarray(start, end));
    return this.end === "all";
  }

  #verdict(count: number, metered: number, timestamp: U64): SliceEnd {
    const { count: maxCount, bytes: maxBytes, until } = this.allowance;
    if (until !== undefined && timestamp >= until) return "denied";
    if (maxCount !== undefined && this.count + count > maxCount) return "denied";
    if (maxBytes !== undefined && this.meteredBytes + metered > maxBytes) return "denied";
    if (this.count + count > MAX_BATCH_RECORDS) return "full";
    return this.meteredBytes + metered > MAX_BATCH_BYTES ? "full" : "all";
  }

  #add(count: number, metered: number, lastSeqNum: number): void {
    this.count += count;
    this.meteredBytes += metered;
    this.lastSeqNum = lastSeqNum;
  }
}
