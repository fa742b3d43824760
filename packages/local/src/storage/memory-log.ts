import { firstSeqNumFrom, RecordCursor } from "./record-cursor.js";
import type {
  LogEntry,
  LogPresence,
  LogRange,
  LogState,
  Position,
  StoredBatch,
  StreamLog,
} from "./storage.js";
import type { U64 } from "./u64.js";

const DONE = Promise.resolve();
/** Space of removed batches at the head is given back when there are this many, and they are half of all. */
const COMPACT_FROM = 256;

/** A log in memory: batches in order, of which those before `#head` are gone. */
export class MemoryLog implements StreamLog {
  #batches: (StoredBatch | undefined)[] = [];
  #head = 0;
  #tail: Position = { seq_num: 0, timestamp: 0 };
  #fencingToken = "";
  #trimPoint: U64 = 0;
  #lastWriteAt: number;
  #soonestExpiry = Number.POSITIVE_INFINITY;
  #storedBytes = 0;
  /** Metered bytes of the first batch that are trimmed: it stays whole while any of it is left. */
  #trimmedOfFirst = 0;

  constructor(now: number) {
    this.#lastWriteAt = now;
  }

  get state(): LogState {
    return {
      tail: this.#tail,
      fencingToken: this.#fencingToken,
      trimPoint: this.#trimPoint,
      lastWriteAt: this.#lastWriteAt,
    };
  }

  get storedBytes(): number {
    return this.#storedBytes;
  }

  append(entry: LogEntry, now: number): Promise<void> {
    const { batch } = entry;
    this.#batches.push(batch);
    this.#storedBytes += batch.meteredBytes;
    this.#tail = { seq_num: batch.firstSeqNum + batch.count, timestamp: batch.lastTimestamp };
    if (entry.fencingToken !== undefined) this.#fencingToken = entry.fencingToken;
    if (entry.trimPoint !== undefined) this.#trimPoint = entry.trimPoint;
    this.#lastWriteAt = now;
    if (batch.expiresAt < this.#soonestExpiry) this.#soonestExpiry = batch.expiresAt;
    return DONE;
  }

  async read(range: LogRange, now: number): Promise<readonly StoredBatch[]> {
    const found: StoredBatch[] = [];
    let records = 0;
    let bytes = 0;
    for (let index = this.#indexOf(range.from); index < this.#batches.length; index += 1) {
      const batch = this.#batches[index] as StoredBatch;
      if (batch.firstSeqNum >= range.to || records >= range.maxRecords || bytes >= range.maxBytes) break;
      if (batch.expiresAt <= now) continue;
      found.push(batch);
      records += batch.count;
      bytes += batch.meteredBytes;
    }
    return found;
  }

  async findTimestamp(timestamp: U64, now: number): Promise<number | undefined> {
    let low = this.#head;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle] as StoredBatch).lastTimestamp < timestamp) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < this.#batches.length; index += 1) {
      const batch = this.#batches[index] as StoredBatch;
      if (batch.expiresAt > now) return firstSeqNumFrom(batch, timestamp);
    }
    return undefined;
  }

  /** A batch that the trim point divides stays whole: `read` gives it, and its reader skips what lies before. */
  async trim(before: U64): Promise<void> {
    while (this.#head < this.#batches.length) {
      const batch = this.#batches[this.#head] as StoredBatch;
      if (batch.firstSeqNum + batch.count > before) {
        this.#trimFirst(batch, before);
        break;
      }
      this.#batches[this.#head] = undefined;
      this.#head += 1;
      this.#storedBytes -= batch.meteredBytes - this.#trimmedOfFirst;
      this.#trimmedOfFirst = 0;
    }
    this.#compact();
  }

  /** Gives back the space of expired records. @returns whether there were any. */
  expire(now: number): boolean {
    if (this.#soonestExpiry > now) return false;
    const live: StoredBatch[] = [];
    let stillTrimmed = 0;
    this.#soonestExpiry = Number.POSITIVE_INFINITY;
    for (let index = this.#head; index < this.#batches.length; index += 1) {
      const batch = this.#batches[index] as StoredBatch;
      const trimmed = index === this.#head ? this.#trimmedOfFirst : 0;
      if (batch.expiresAt <= now) {
        this.#storedBytes -= batch.meteredBytes - trimmed;
        continue;
      }
      live.push(batch);
      stillTrimmed += trimmed;
      if (batch.expiresAt < this.#soonestExpiry) this.#soonestExpiry = batch.expiresAt;
    }
    this.#batches = live;
    this.#head = 0;
    this.#trimmedOfFirst = stillTrimmed;
    return true;
  }

  async presence(now: number): Promise<LogPresence> {
    let expiresAt: number | undefined;
    if (this.#trimPoint >= this.#tail.seq_num) return { empty: true };
    for (let index = this.#indexOf(Number(this.#trimPoint)); index < this.#batches.length; index += 1) {
      const batch = this.#batches[index] as StoredBatch;
      if (batch.expiresAt > now && (expiresAt === undefined || batch.expiresAt > expiresAt))
        expiresAt = batch.expiresAt;
    }
    return expiresAt === undefined ? { empty: true } : { empty: false, expiresAt };
  }

  /** Index of the first batch that reaches beyond the sequence number. */
  #indexOf(seqNum: number): number {
    let low = this.#head;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const batch = this.#batches[middle] as StoredBatch;
      if (batch.firstSeqNum + batch.count <= seqNum) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trimFirst(batch: StoredBatch, before: U64): void {
    if (batch.firstSeqNum >= before) return;
    const cursor = new RecordCursor(batch.bytes);
    let trimmed = 0;
    while (cursor.next() && cursor.seqNum < before) trimmed += cursor.meteredBytes;
    // Sealed records are longer than they are metered.
    trimmed = Math.min(trimmed, batch.meteredBytes);
    this.#storedBytes -= trimmed - this.#trimmedOfFirst;
    this.#trimmedOfFirst = trimmed;
  }

  #compact(): void {
    if (this.#head < COMPACT_FROM || this.#head * 2 < this.#batches.length) return;
    this.#batches = this.#batches.slice(this.#head);
    this.#head = 0;
  }
}
