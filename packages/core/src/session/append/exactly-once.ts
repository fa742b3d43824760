import { decodeAppendInput } from "../../codec/append-input-decode.js";
import { writeFrameHead } from "../../codec/frame-head.js";
import type { WireAppendRecord } from "../../codec/wire-types.js";
import { AppendOutcomeUnknownError, SeqNumMismatchError } from "../../error/append-errors.js";
import { invalidArgument, s2ErrorFromUnknown } from "../../error/make.js";
import { RangeNotSatisfiableError, S2Error } from "../../error/s2-error.js";
import { FRAME_HEAD_BYTES, MAX_BATCH_RECORDS, MAX_FRAME_PAYLOAD } from "../../model/limits.js";
import type { AppendAck, StreamPosition } from "../../model/position.js";
import type { BytesReadRecord, EncodedBatch, ReadBatch } from "../../model/record.js";
import type { Fifo } from "../../util/fifo.js";
import type { Marker } from "./marker.js";
import type { PendingBatch } from "./pending.js";

/** Protobuf key of `match_seq_num`, and the most bytes it takes with a safe integer. */
const MATCH_SEQ_NUM_KEY = 0x10;
const STAMP_BYTES = 9;

/** How exactly-once mode looks at the stream; each call is retried by itself. */
export interface StreamReader {
  checkTail(signal: AbortSignal): Promise<StreamPosition>;
  /** Records from `seq_num` on, at most `count`; rejects with `RangeNotSatisfiableError` at the tail. */
  read(seq_num: number, count: number, signal: AbortSignal): Promise<ReadBatch<"bytes">>;
}

/** Another writer's records were found where this session's should be. */
export interface ConflictFound {
  /** Where the session expected its next record. */
  readonly expectedSeqNum: number;
  /** Where the first foreign record was found. */
  readonly foundSeqNum: number;
  /** Time of the record that lies there, in milliseconds since the epoch. */
  readonly foundTimestamp: number;
}

/** What the log told about batches whose outcome was unknown. */
export interface Findings {
  /** Of the oldest batches: they have landed, here. */
  readonly acks: readonly AppendAck[];
  /** Another writer has the place that the next batch demands. */
  readonly conflict: S2Error | undefined;
}

const NOTHING_FOUND: Findings = { acks: [], conflict: undefined };

/**
 * The chain of positions of a single writer: each batch demands to follow the one before, so a second copy cannot
 * land, and after a break the log itself tells which batches have landed.
 */
export class PositionChain {
  readonly #reader: StreamReader;
  /** Makes the batches of this session differ from those of others. */
  readonly mark: Marker;
  /** Where the oldest unacknowledged batch must start; known from the first look at the tail. */
  #head: number | undefined;
  /** Where the next unstamped batch must start. */
  #next = 0;
  #isCertain = false;
  /** A mismatch that the last look at the log was to explain. */
  #unexplained: S2Error | undefined;
  #findings: Findings = NOTHING_FOUND;

  constructor(reader: StreamReader, mark: Marker) {
    this.#reader = reader;
    this.mark = mark;
  }

  /** Checks what a batch demands, and that it leaves room for the chain's own condition. Throws `INVALID_ARGUMENT`. */
  check(batch: EncodedBatch, matchSeqNum: number | null | undefined): void {
    if (typeof matchSeqNum === "number") {
      throw invalidArgument(`match_seq_num must not be given in exactly-once mode; got ${matchSeqNum}`);
    }
    const most = MAX_FRAME_PAYLOAD - STAMP_BYTES;
    const size = batch.frame.length - FRAME_HEAD_BYTES;
    if (size <= most) return;
    throw invalidArgument(
      `the encoded batch must be at most ${most} bytes in exactly-once mode; got ${size}`,
    );
  }

  /** Whether every unacknowledged batch is known not to be in the log, as far as one look can tell. */
  get isCertain(): boolean {
    return this.#isCertain;
  }

  /** A batch may have landed: look before anything is sent again. */
  doubt(): void {
    this.#isCertain = false;
  }

  /** Whether a failure may come from a batch of this session that has landed: then look. */
  mayExplain(error: S2Error): boolean {
    if (!(error instanceof SeqNumMismatchError) || this.#unexplained !== undefined) return false;
    this.#unexplained = error;
    this.#isCertain = false;
    return true;
  }

  /** Makes a batch demand its place. Stamped once: a re-send demands the same. */
  stamp(pending: PendingBatch): void {
    if (pending.isStamped) return;
    pending.stampWith(withMatchSeqNum(pending.batch, this.#next));
    this.#next += pending.numRecords;
  }

  acked(ack: AppendAck): void {
    this.#head = ack.end.seq_num;
    this.#unexplained = undefined;
  }

  /**
   * Looks at the stream: the first time for its tail, later for the batches that may have landed. Fails when the
   * stream cannot be read, and with `AppendOutcomeUnknownError` when the place in question has been trimmed away.
   * Returns what ends the look.
   */
  look(entries: Fifo<PendingBatch>, done: () => void, failed: (error: S2Error) => void): () => void {
    const search = new AbortController();
    this.#reconcile(entries, search.signal).then(done, (thrown: unknown) =>
      failed(s2ErrorFromUnknown(thrown)),
    );
    return () => search.abort();
  }

  async #reconcile(entries: Fifo<PendingBatch>, signal: AbortSignal): Promise<void> {
    if (this.#head === undefined) {
      const { seq_num } = await this.#reader.checkTail(signal);
      this.#head = seq_num;
      this.#next = seq_num;
    } else {
      this.#findings = await this.#search([...entries], this.#head, signal);
    }
    this.#isCertain = true;
  }

  /** What the last look found; given once. */
  takeFindings(): Findings {
    const { acks, conflict } = this.#findings;
    this.#findings = NOTHING_FOUND;
    // A mismatch that nothing in the log explains would come again.
    return { acks, conflict: conflict ?? (acks.length === 0 ? this.#unexplained : undefined) };
  }

  async #search(entries: readonly PendingBatch[], head: number, signal: AbortSignal): Promise<Findings> {
    const stamped = entries.filter((pending) => pending.isStamped);
    const wanted = stamped.reduce((sum, pending) => sum + pending.numRecords, 0);
    const log = new LogWindow(this.#reader, head, wanted, signal);
    const acks: AppendAck[] = [];
    for (const pending of stamped) {
      const found = await log.take(pending.numRecords);
      const first = found[0];
      if (first === undefined) break;
      const sent = decodeAppendInput(pending.batch.frame.subarray(FRAME_HEAD_BYTES)).records;
      const foreign = firstForeign(found, sent);
      if (foreign !== undefined) return { acks, conflict: conflictError(first.seq_num, foreign) };
      const last = found[found.length - 1] as BytesReadRecord;
      const end = { seq_num: last.seq_num + 1, timestamp: last.timestamp };
      acks.push({ start: { seq_num: first.seq_num, timestamp: first.timestamp }, end, tail: end });
    }
    return { acks, conflict: undefined };
  }
}

/** The log from a place on, read in pieces as large as the service gives them. */
class LogWindow {
  readonly #reader: StreamReader;
  readonly #signal: AbortSignal;
  #next: number;
  #wanted: number;
  #records: BytesReadRecord[] = [];

  constructor(reader: StreamReader, start: number, wanted: number, signal: AbortSignal) {
    this.#reader = reader;
    this.#signal = signal;
    this.#next = start;
    this.#wanted = wanted;
  }

  /** The next records, fewer where the log ends. */
  async take(count: number): Promise<BytesReadRecord[]> {
    while (this.#records.length < count && (await this.#readOn())) {}
    return this.#records.splice(0, count);
  }

  async #readOn(): Promise<boolean> {
    const count = Math.min(this.#wanted, MAX_BATCH_RECORDS);
    if (count === 0) return false;
    const batch = await this.#reader.read(this.#next, count, this.#signal).catch((error: unknown) => {
      if (!(error instanceof RangeNotSatisfiableError)) throw error;
      // A tail beyond the place without a record from there on: whatever was there is gone.
      if (error.tail !== undefined && error.tail.seq_num > this.#next)
        throw trimmedError(this.#next, undefined);
      return undefined;
    });
    if (batch === undefined) return false;
    const first = batch.records[0];
    if (first === undefined || first.seq_num !== this.#next) throw trimmedError(this.#next, first?.seq_num);
    this.#records.push(...batch.records);
    this.#next += batch.records.length;
    this.#wanted -= batch.records.length;
    return true;
  }
}

/** The same batch with `match_seq_num`: protobuf fields may stand in any order, so it goes to the end. */
function withMatchSeqNum(batch: EncodedBatch, seqNum: number): EncodedBatch {
  const { frame } = batch;
  const stamped = new Uint8Array(frame.length + STAMP_BYTES);
  stamped.set(frame);
  let at = frame.length;
  stamped[at++] = MATCH_SEQ_NUM_KEY;
  let rest = seqNum;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) stamped[at++] = (rest % 0x80) | 0x80;
  stamped[at++] = rest;
  writeFrameHead(stamped, 0, at - FRAME_HEAD_BYTES);
  return { ...batch, frame: stamped.subarray(0, at), conditional: true };
}

/** The first record found that is not the one sent; bodies and headers count, timestamps are the server's. */
function firstForeign(
  found: readonly BytesReadRecord[],
  sent: readonly WireAppendRecord[],
): BytesReadRecord | undefined {
  const foreign = found.find((record, index) => {
    const own = sent[index];
    return own === undefined || !isSameRecord(record, own);
  });
  // A batch lands whole: the beginning of one, however alike, is somebody else's.
  return foreign ?? (found.length < sent.length ? found[found.length - 1] : undefined);
}

function isSameRecord(found: BytesReadRecord, sent: WireAppendRecord): boolean {
  if (found.headers.length !== sent.headers.length || !isSameBytes(found.body, sent.body)) return false;
  return found.headers.every(([name, value], index) => {
    const own = sent.headers[index];
    return own !== undefined && isSameBytes(name, own[0]) && isSameBytes(value, own[1]);
  });
}

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function conflictError(expectedSeqNum: number, found: BytesReadRecord): S2Error {
  const data: ConflictFound = {
    expectedSeqNum,
    foundSeqNum: found.seq_num,
    foundTimestamp: found.timestamp,
  };
  return new S2Error({
    message:
      `Another writer appended to the stream: the session expected its own records from ${expectedSeqNum} on ` +
      `and found a foreign one at ${found.seq_num}`,
    code: "WRITER_CONFLICT",
    data,
  });
}

function trimmedError(expected: number, found: number | undefined): S2Error {
  const instead = found === undefined ? "nothing" : `record ${found}`;
  return new AppendOutcomeUnknownError({
    message: `Records from ${expected} on were trimmed before it could be seen whether they landed; ${instead} is there`,
  });
}
