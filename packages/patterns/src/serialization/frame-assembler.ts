import { invalidArgument } from "@s2-dev/streamstore-core";
import { checkMaxWriters, DEFAULT_MAX_WRITERS } from "./dedupe-filter.js";
import type { FrameMeta } from "./frame.js";
import { FrameSizeError } from "./frame-size-error.js";
import { type FirstRecord, OpenFrame } from "./open-frame.js";
import {
  type FrameClaim,
  type HeaderList,
  type ReservedHeaders,
  readReservedHeaders,
} from "./reserved-headers.js";

/** Largest message in bytes that is written and read by default: 100 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 100 * 1024 * 1024;
/** Unfinished messages of many writers may together hold this many times `maxFrameBytes`. */
const OPEN_FRAMES_FACTOR = 4;

/** What an assembler needs of a record: one read in bytes format, or one that was framed here. */
export interface AssemblerRecord {
  /** The content; none counts as empty. */
  readonly body?: Uint8Array | null | undefined;
  /** Names and values, in their order. */
  readonly headers?: HeaderList | undefined;
  /** Its place in the stream, for what is told of it. */
  readonly seq_num?: number | undefined;
}

/** A message of which every record has come. */
export interface CompletedFrame {
  /** The message. Of a message in one record it is that record's body: a view on the received batch. */
  readonly payload: Uint8Array;
  /** What its first record says of it. */
  readonly meta: FrameMeta;
}

/** The same with what its first record says besides. */
export interface AssembledFrame extends CompletedFrame {
  readonly first: FirstRecord;
}

/**
 * Why an unfinished message was given up: a new one of its writer began (`superseded`), a record of it is missing
 * (`gap`), its size or count is not the one claimed (`mismatch`), its frame headers make no sense (`malformed`), too
 * many others were unfinished at a time (`evicted`), or nothing of it came for too many records (`silent`).
 */
export type DiscardReason = "superseded" | "gap" | "mismatch" | "malformed" | "evicted" | "silent";

/** A message that will not be delivered. */
export interface DiscardedFrame {
  /** Why it was given up. */
  readonly reason: DiscardReason;
  /** `undefined` when the writer does not name itself. */
  readonly writerId: string | undefined;
  /** What its frame claims; `undefined` when that could not be read. */
  readonly meta: FrameMeta | undefined;
  /** Records of it that had come. */
  readonly records: number;
  /** Sequence number of its first record; `undefined` when the records do not tell. */
  readonly seqNum: number | undefined;
}

/** What is too large, and when an unfinished message is given up. */
export interface FrameAssemblerOptions {
  /**
   * Largest message in bytes, default 100 MiB. All unfinished messages together hold at most four times as much:
   * beyond that, the one without news for longest is given up.
   */
  readonly maxFrameBytes?: number | undefined;
  /** Writers with an unfinished message at a time, an integer of at least 1, default 1024; then as above. */
  readonly maxWriters?: number | undefined;
  /**
   * Records of the stream after which an unfinished message without news is given up, an integer of at least 1, counted
   * by sequence numbers. Default: however many.
   */
  readonly maxSilentRecords?: number | undefined;
  /** Told of every message that is given up, for example because its writer died in the middle. */
  readonly onDiscard?: ((frame: DiscardedFrame) => void) | undefined;
}

/**
 * Joins records into messages. Records of writers that name themselves are kept apart, and must be consecutive among
 * those of their writer; all others are taken as those of one writer.
 */
export class FrameAssembler {
  /** Unfinished messages by writer, the one without news for longest first. */
  readonly #open = new Map<string | undefined, OpenFrame>();
  readonly #maxFrameBytes: number;
  readonly #maxWriters: number;
  readonly #maxSilentRecords: number;
  readonly #onDiscard: ((frame: DiscardedFrame) => void) | undefined;
  #heldBytes = 0;

  constructor(options: FrameAssemblerOptions = {}) {
    const { maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, maxWriters = DEFAULT_MAX_WRITERS, onDiscard } = options;
    const { maxSilentRecords } = options;
    checkMaxFrameBytes(maxFrameBytes);
    checkMaxWriters(maxWriters);
    checkMaxSilentRecords(maxSilentRecords);
    this.#maxSilentRecords = maxSilentRecords ?? Number.POSITIVE_INFINITY;
    this.#maxFrameBytes = maxFrameBytes;
    this.#maxWriters = maxWriters;
    this.#onDiscard = onDiscard;
  }

  /**
   * Takes the next record of the stream and returns the messages that it completes.
   * @throws FrameSizeError when it begins a message larger than `maxFrameBytes`; that message is skipped.
   */
  push(record: AssemblerRecord): CompletedFrame[] {
    if (record.seq_num !== undefined) this.reach(record.seq_num);
    const completed = this.take(record, readReservedHeaders(record.headers));
    return completed === undefined ? [] : [{ payload: completed.payload, meta: completed.meta }];
  }

  /** Notes how far the stream was read, whatever there is, and gives up what was without news for too long. */
  reach(seqNum: number): void {
    if (this.#open.size === 0) return;
    for (const [writerId, { lastSeqNum = seqNum }] of this.#open) {
      if (seqNum - lastSeqNum <= this.#maxSilentRecords) return;
      this.#discard(writerId, "silent");
    }
  }

  /** Where the oldest unfinished message begins, if one is unfinished whose place is known. */
  get oldestOpenSeqNum(): number | undefined {
    let oldest: number | undefined;
    for (const { first } of this.#open.values()) {
      if (first.seq_num !== undefined && !(oldest !== undefined && oldest < first.seq_num))
        oldest = first.seq_num;
    }
    return oldest;
  }

  /** The same for a record whose reserved headers are read already. */
  take(record: AssemblerRecord, reserved: ReservedHeaders): AssembledFrame | undefined {
    const writerId = reserved.dedupe?.[0];
    if (reserved.frame !== undefined) {
      this.#discard(writerId, "superseded");
      return this.#begin(record, reserved, reserved.frame);
    }
    const frame = this.#open.get(writerId);
    // A command (one header with an empty name) of the stream's owner may stand between the records of a message.
    if (frame === undefined || isCommand(record.headers)) return undefined;
    const place = frame.placeOf(reserved.dedupe?.[1]);
    if (place === "next") return this.#continue(writerId, frame, record);
    if (place === "elsewhere") this.#discard(writerId, "gap");
    return undefined;
  }

  #begin(
    record: AssemblerRecord,
    reserved: ReservedHeaders,
    claim: FrameClaim | "malformed",
  ): AssembledFrame | undefined {
    const writerId = reserved.dedupe?.[0];
    if (claim === "malformed" || claim.records < 1n || claim.records > MAX_SAFE) {
      const { seq_num: seqNum } = record;
      this.#onDiscard?.({ reason: "malformed", writerId, meta: undefined, records: 1, seqNum });
      return undefined;
    }
    if (claim.bytes > BigInt(this.#maxFrameBytes)) {
      throw new FrameSizeError({
        bytes: claim.bytes,
        maxFrameBytes: this.#maxFrameBytes,
        seqNum: record.seq_num,
      });
    }
    const meta = { bytes: Number(claim.bytes), records: Number(claim.records) };
    const body = record.body ?? EMPTY;
    if (meta.records === 1 && meta.bytes === body.length)
      return { payload: body, meta, first: firstOf(record) };
    const frame = new OpenFrame(meta, reserved.dedupe?.[1], firstOf(record));
    this.#open.set(writerId, frame);
    this.#heldBytes += frame.capacity;
    return this.#continue(writerId, frame, record);
  }

  #continue(
    writerId: string | undefined,
    frame: OpenFrame,
    record: AssemblerRecord,
  ): AssembledFrame | undefined {
    const held = frame.capacity;
    if (!frame.append(record.body ?? EMPTY)) {
      this.#discard(writerId, "mismatch");
      return undefined;
    }
    this.#heldBytes += frame.capacity - held;
    frame.lastSeqNum = record.seq_num;
    if (!frame.hasAllRecords) {
      this.#touch(writerId, frame);
      return undefined;
    }
    const payload = frame.payload();
    if (payload === undefined) {
      this.#discard(writerId, "mismatch");
      return undefined;
    }
    this.#remove(writerId, frame);
    return { payload, meta: frame.meta, first: frame.first };
  }

  /** Notes that this writer was heard of, and makes room if the unfinished messages are too many or too large. */
  #touch(writerId: string | undefined, frame: OpenFrame): void {
    if (this.#open.size === 1) return;
    this.#open.delete(writerId);
    this.#open.set(writerId, frame);
    for (const oldest of this.#open.keys()) {
      const isTooMuch = this.#heldBytes > OPEN_FRAMES_FACTOR * this.#maxFrameBytes;
      if (oldest === writerId || (this.#open.size <= this.#maxWriters && !isTooMuch)) return;
      this.#discard(oldest, "evicted");
    }
  }

  #discard(writerId: string | undefined, reason: DiscardReason): void {
    const frame = this.#open.get(writerId);
    if (frame === undefined) return;
    this.#remove(writerId, frame);
    const { meta, records, first } = frame;
    this.#onDiscard?.({ reason, writerId, meta, records, seqNum: first.seq_num });
  }

  #remove(writerId: string | undefined, frame: OpenFrame): void {
    this.#open.delete(writerId);
    this.#heldBytes -= frame.capacity;
  }
}

const EMPTY = new Uint8Array(0);
const NO_HEADERS: HeaderList = [];

function firstOf({ headers = NO_HEADERS, seq_num }: AssemblerRecord): FirstRecord {
  return { headers, seq_num };
}
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function isCommand(headers: HeaderList | undefined): boolean {
  return headers?.length === 1 && headers[0]?.[0].length === 0;
}

/** Throws `INVALID_ARGUMENT` unless the value can bound the size of a message. */
export function checkMaxFrameBytes(value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw invalidArgument(`maxFrameBytes must be an integer of at least 1; got ${value}`);
}

/** Throws `INVALID_ARGUMENT` unless the value, if there is one, can bound how long a message is waited for. */
export function checkMaxSilentRecords(value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw invalidArgument(`maxSilentRecords must be an integer of at least 1; got ${value}`);
}
