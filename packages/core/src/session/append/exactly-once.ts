import { decodeAppendInput } from "../../codec/append-input-decode.js";
import { FRAME_HEAD_BYTES, writeFrameHead } from "../../codec/frame-head.js";
import type { WireAppendRecord } from "../../codec/wire-types.js";
import { invalidArgument } from "../../error/make.js";
import { AppendOutcomeUnknownError, RangeNotSatisfiableError, S2Error } from "../../error/s2-error.js";
import { MAX_FRAME_PAYLOAD } from "../../model/limits.js";
import type { AppendAck, StreamPosition } from "../../model/position.js";
import type { BytesReadRecord, EncodedBatch, ReadBatch } from "../../model/record.js";
import type { Fifo } from "../../util/fifo.js";
import type { PendingBatch } from "./pending.js";

/** Protobuf key of `match_seq_num`, and the most bytes it takes with a safe integer. */
const MATCH_SEQ_NUM_KEY = 0x10;
const STAMP_BYTES = 9;

/** How exactly-once mode looks at the stream; each call is retried by itself. */
export interface StreamReader {
  checkTail(): Promise<StreamPosition>;
  /** Records from `seq_num` on, at most `count`; rejects with `RangeNotSatisfiableError` at the tail. */
  read(seq_num: number, count: number): Promise<ReadBatch<"bytes">>;
}

/** Another writer's records were found where this session's should be. */
export interface ConflictFound {
  /** Where the session expected its next record. */
  readonly expectedSeqNum: number;
  /** Where the first foreign record was found. */
  readonly foundSeqNum: number;
  readonly foundTimestamp: number;
}

/**
 * The chain of positions of a single writer: each batch demands to follow the one before, so a second copy cannot
 * land, and after a break the log itself tells which batches have landed.
 */
export class PositionChain {
  readonly #reader: StreamReader;
  /** Where the oldest unacknowledged batch must start. */
  #head: number | undefined;
  /** Where the next unstamped batch must start. */
  #next = 0;

  constructor(reader: StreamReader) {
    this.#reader = reader;
  }

  /** Whether the stream's tail has been seen, from which the chain starts. */
  get isAnchored(): boolean {
    return this.#head !== undefined;
  }

  async anchor(): Promise<void> {
    const { seq_num } = await this.#reader.checkTail();
    this.#head = seq_num;
    this.#next = seq_num;
  }

  /** Makes a batch demand its place. Stamped once: a re-send demands the same. */
  stamp(pending: PendingBatch): void {
    if (pending.isStamped) return;
    pending.stampWith(withMatchSeqNum(pending.batch, this.#next));
    this.#next += pending.numRecords;
  }

  acked(ack: AppendAck): void {
    this.#head = ack.end.seq_num;
  }

  /**
   * Reads the log from the first unacknowledged position and gives the acks of the oldest batches that have landed.
   * Rejects with code `WRITER_CONFLICT` when somebody else's records are there, and with `AppendOutcomeUnknownError`
   * when the place has been trimmed away.
   */
  async landed(entries: Fifo<PendingBatch>): Promise<AppendAck[]> {
    const acks: AppendAck[] = [];
    let start = this.#head as number;
    for (const pending of [...entries]) {
      if (!pending.isStamped) break;
      const found = await this.#readAt(start, pending.numRecords);
      if (found.length === 0) break;
      const last = compare(start, found, decodeAppendInput(pending.batch.frame.subarray(FRAME_HEAD_BYTES)).records);
      const first = found[0] as BytesReadRecord;
      const end = { seq_num: start + pending.numRecords, timestamp: last.timestamp };
      acks.push({ start: { seq_num: start, timestamp: first.timestamp }, end, tail: end });
      start = end.seq_num;
    }
    return acks;
  }

  /** All records at a place, or none: a batch lands whole. */
  async #readAt(start: number, count: number): Promise<BytesReadRecord[]> {
    const records: BytesReadRecord[] = [];
    while (records.length < count) {
      const from = start + records.length;
      const batch = await this.#reader.read(from, count - records.length).catch((error: unknown) => {
        if (error instanceof RangeNotSatisfiableError) return undefined;
        throw error;
      });
      if (batch === undefined) break;
      const first = batch.records[0];
      if (first === undefined || first.seq_num !== from) throw trimmedError(from, first?.seq_num);
      records.push(...batch.records);
    }
    return records;
  }
}

/** Checks that a batch leaves room for its condition. Throws `INVALID_ARGUMENT`. */
export function checkStampable(batch: EncodedBatch): void {
  const most = MAX_FRAME_PAYLOAD - STAMP_BYTES;
  const size = batch.frame.length - FRAME_HEAD_BYTES;
  if (size <= most) return;
  throw invalidArgument(`the encoded batch must be at most ${most} bytes in exactly-once mode; got ${size}`);
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

/** The last record found, when all are the ones sent; bodies and headers count, timestamps are the server's. */
function compare(start: number, found: readonly BytesReadRecord[], sent: readonly WireAppendRecord[]): BytesReadRecord {
  for (const [index, record] of found.entries()) {
    const own = sent[index];
    if (own === undefined || !isSameRecord(record, own)) throw conflictError(start, record);
  }
  const last = found[found.length - 1] as BytesReadRecord;
  // Fewer than the batch has, and all alike: somebody else wrote the beginning of it.
  if (found.length !== sent.length) throw conflictError(start, last);
  return last;
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
