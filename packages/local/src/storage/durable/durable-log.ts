import { firstSeqNumFrom, RecordCursor } from "../record-cursor.js";
import type {
  LogEntry,
  LogPresence,
  LogRange,
  LogState,
  StorageFullError,
  StoredBatch,
  StreamLog,
} from "../storage.js";
import { type U64, U64_MAX } from "../u64.js";
import { type BatchHeader, decodeHeader, encodeHeader, endOf } from "./batch-encoding.js";
import { encodeTrim } from "./chore.js";
import type { GroupCommit, Participant } from "./group-commit.js";
import { bucketOf, choreKey, expiryKey, headerKey, headerRange, metaKey, payloadKey } from "./keys.js";
import { afterAppend, encodeMeta, type LogMeta } from "./log-meta.js";
import type { Change, OrderedStore } from "./ordered-store.js";

export interface DurableLogOptions {
  readonly id: string;
  readonly store: OrderedStore;
  readonly commit: GroupCommit;
  readonly meta: LogMeta;
  /** Removes what lies before a trim point; resolves when that is done. */
  readonly trim: (log: DurableLog, before: U64) => Promise<void>;
  /** The log can no longer be used: something it was given is lost. */
  readonly onFailed: (log: DurableLog) => void;
}

/** A log in an ordered store. In memory are its last words alone, never its records. */
export class DurableLog implements StreamLog, Participant {
  readonly id: string;
  readonly #store: OrderedStore;
  readonly #commit: GroupCommit;
  readonly #trim: DurableLogOptions["trim"];
  readonly #onFailed: DurableLogOptions["onFailed"];
  readonly #metaKey: Uint8Array;
  /** What has been handed over, what the running commit writes, and what is durable. */
  #given: LogMeta;
  #written: LogMeta;
  #durable: LogMeta;
  /** The minute that the last batch expires in: an expiry key stands where it changes. */
  #bucket: number | undefined;
  #ended: Error | undefined;

  constructor(options: DurableLogOptions) {
    this.id = options.id;
    this.#store = options.store;
    this.#commit = options.commit;
    this.#trim = options.trim;
    this.#onFailed = options.onFailed;
    this.#metaKey = metaKey(options.id);
    this.#given = options.meta;
    this.#written = options.meta;
    this.#durable = options.meta;
  }

  get state(): LogState {
    return this.#durable.state;
  }

  get storedBytes(): number {
    return this.#durable.storedBytes;
  }

  /** Whether it was dropped, or has failed. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  refusal(meteredBytes: number): StorageFullError | undefined {
    return this.#commit.refusal(meteredBytes + BATCH_COST);
  }

  append(entry: LogEntry, now: number): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const changes = this.#changesOf(entry);
    this.#given = afterAppend(this.#given, entry, now);
    return this.#commit.add(changes, this);
  }

  async read(range: LogRange, now: number): Promise<readonly StoredBatch[]> {
    const found: StoredBatch[] = [];
    let records = 0;
    let bytes = 0;
    await this.#scan(this.#firstReaching(range.from), range.to, (header) => {
      if (records >= range.maxRecords || bytes >= range.maxBytes) return false;
      if (header.expiresAt <= now) return true;
      // Now, since it may be trimmed by the next turn.
      found.push(this.#batchOf(header));
      records += header.count;
      bytes += header.meteredBytes;
      return true;
    });
    return found;
  }

  async findTimestamp(timestamp: U64, now: number): Promise<number | undefined> {
    let low = 0;
    let high = this.#durable.state.tail.seq_num;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      const [header] = this.headersFrom(middle, 1);
      if (header !== undefined && header.lastTimestamp < timestamp) low = endOf(header);
      else high = middle;
    }
    let found: number | undefined;
    await this.#scan(low, undefined, (header) => {
      if (header.expiresAt <= now) return true;
      found = firstSeqNumFrom(this.#batchOf(header), timestamp);
      return false;
    });
    return found;
  }

  trim(before: U64): Promise<void> {
    return this.#trim(this, before);
  }

  async presence(now: number): Promise<LogPresence> {
    let latest: number | undefined;
    const { tail, trimPoint } = this.state;
    if (trimPoint >= tail.seq_num) return { empty: true };
    await this.#scan(this.#firstReaching(Number(trimPoint)), undefined, ({ expiresAt }) => {
      if (expiresAt > now && (latest === undefined || expiresAt > latest)) latest = expiresAt;
      return latest !== Number.POSITIVE_INFINITY;
    });
    return latest === undefined ? { empty: true } : { empty: false, expiresAt: latest };
  }

  /** What is known of at most so many batches from a sequence number on. */
  headersFrom(seqNum: number, limit: number): readonly BatchHeader[] {
    return [...this.#headers(seqNum, undefined, limit)];
  }

  /** Removes these batches; resolves when they are gone for good. */
  remove(headers: readonly BatchHeader[]): Promise<void> {
    const changes: Change[] = [];
    let { storedBytes, divided } = this.#given;
    for (const header of headers) {
      const { firstSeqNum, meteredBytes } = header;
      changes.push(...removalOf(this.id, header));
      const isDivided = divided?.firstSeqNum === firstSeqNum;
      storedBytes -= meteredBytes - (isDivided ? (divided?.trimmedBytes ?? 0) : 0);
      if (isDivided) divided = null;
    }
    this.#given = { ...this.#given, storedBytes, divided };
    return this.#commit.add(changes, this);
  }

  /** All before this is removed but for the batch that it divides: accounts for that, and the chore is done. */
  finishTrim(before: U64): Promise<void> {
    const [first] = this.headersFrom(0, 1);
    if (first !== undefined && first.firstSeqNum < before) this.#divide(first, before);
    // A later trim has a chore of its own under the same key.
    const isLast = this.#given.state.trimPoint <= before;
    return this.#commit.add(isLast ? [{ key: choreKey(this.id), value: undefined }] : [], this);
  }

  /** Takes nothing any more: its rows are being removed. */
  end(reason: Error): void {
    this.#ended = reason;
  }

  row(): Change | undefined {
    if (this.#ended !== undefined) return undefined;
    this.#written = this.#given;
    return { key: this.#metaKey, value: encodeMeta(this.#written) };
  }

  committed(): void {
    this.#durable = this.#written;
  }

  failed(reason: Error): void {
    this.end(reason);
    this.#onFailed(this);
  }

  #changesOf({ batch, trimPoint }: LogEntry): Change[] {
    const changes: Change[] = [];
    const { firstSeqNum } = batch;
    // A batch of nothing only moves the tail; the next one has the same first sequence number.
    if (batch.count > 0) {
      const header = encodeHeader(batch);
      changes.push({ key: headerKey(this.id, firstSeqNum), value: header.value });
      if (!header.inline) changes.push({ key: payloadKey(this.id, firstSeqNum), value: batch.bytes });
      const bucket = bucketOf(batch.expiresAt);
      if (bucket !== undefined && bucket !== this.#bucket)
        changes.push({ key: expiryKey(bucket, this.id, firstSeqNum), value: EMPTY });
      this.#bucket = bucket;
    }
    if (trimPoint !== undefined && trimPoint !== U64_MAX)
      changes.push({ key: choreKey(this.id), value: encodeTrim(trimPoint) });
    return changes;
  }

  #divide(first: BatchHeader, before: U64): void {
    const cursor = new RecordCursor(this.#batchOf(first).bytes);
    let trimmed = 0;
    while (cursor.next() && cursor.seqNum < before) trimmed += cursor.meteredBytes;
    // Sealed records are longer than they are metered.
    trimmed = Math.min(trimmed, first.meteredBytes);
    const known =
      this.#given.divided?.firstSeqNum === first.firstSeqNum ? this.#given.divided.trimmedBytes : 0;
    this.#given = {
      ...this.#given,
      storedBytes: this.#given.storedBytes - (trimmed - known),
      divided: { firstSeqNum: first.firstSeqNum, trimmedBytes: trimmed },
    };
  }

  /** First sequence number of the batch that holds this one, or this one itself. */
  #firstReaching(seqNum: number): number {
    const entry = this.#store.lastUpTo(headerKey(this.id, seqNum), headerKey(this.id, 0));
    if (entry === undefined) return seqNum;
    const header = decodeHeader(entry);
    return endOf(header) > seqNum ? header.firstSeqNum : seqNum;
  }

  /**
   * Visits what is known of the batches until told to stop, so many in a turn of the event loop: there may be millions
   * that have expired or matter to nobody.
   */
  async #scan(from: number, to: number | undefined, visit: (header: BatchHeader) => boolean): Promise<void> {
    for (let at = from; ; await nextTurn()) {
      let visited = 0;
      for (const header of this.#headers(at, to, SLICE)) {
        if (!visit(header)) return;
        visited += 1;
        at = endOf(header);
      }
      if (visited < SLICE) return;
    }
  }

  *#headers(from: number, to?: number, limit?: number): Iterable<BatchHeader> {
    const range = headerRange(this.id, from, to);
    const entries = this.#store.entries(limit === undefined ? range : { ...range, limit });
    for (const entry of entries) yield decodeHeader(entry);
  }

  #batchOf(header: BatchHeader): StoredBatch {
    const { inline, ...facts } = header;
    const bytes = inline ?? this.#store.get(payloadKey(this.id, header.firstSeqNum));
    if (bytes === undefined)
      throw new Error(`the records from ${header.firstSeqNum} on of log ${this.id} are missing`);
    return { ...facts, bytes };
  }
}

const EMPTY = new Uint8Array(0);
/** What a batch may take on the disk besides its bytes: its share of pages, and of what is written anew with it. */
const BATCH_COST = 64 * 1024;
/** Headers that are looked at in one turn of the event loop: some milliseconds, and more than most reads need. */
const SLICE = 1024;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What removes a batch from a log. */
export function removalOf(id: string, { firstSeqNum, inline }: BatchHeader): readonly Change[] {
  const header: Change = { key: headerKey(id, firstSeqNum), value: undefined };
  return inline !== undefined ? [header] : [header, { key: payloadKey(id, firstSeqNum), value: undefined }];
}
