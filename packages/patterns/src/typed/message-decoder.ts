import { isCommandRecord, type ReadRecord } from "@s2-dev/streamstore-core";
import { DedupeFilter } from "../serialization/dedupe-filter.js";
import { FrameAssembler } from "../serialization/frame-assembler.js";
import { FrameSizeError } from "../serialization/frame-size-error.js";
import { type HeaderList, readReservedHeaders } from "../serialization/reserved-headers.js";
import type { TypedSettings } from "./typed-settings.js";
import { type WriterMarks, withMark } from "./writer-marks.js";

/** A message as it was stored, joined if it took several records. */
export interface StoredMessage {
  readonly payload: Uint8Array;
  /** Those of its first record. */
  readonly headers: HeaderList;
  readonly seqNum: number;
  readonly end: number;
  /** Of its last record. */
  readonly timestamp: number;
  /** Where the oldest message begins that was not whole when this one was. */
  readonly resumeFrom: number;
  /** The numbers of writers up to this message. */
  readonly marks: WriterMarks;
  /** It is larger than allowed, and its payload was not joined. */
  readonly tooLarge: FrameSizeError | undefined;
}

const EMPTY = new Uint8Array(0);

type DecoderSettings = Pick<TypedSettings, "maxFrameBytes" | "maxSilentRecords" | "onDiscard">;

/**
 * Joins the records of a typed stream into messages and drops copies. A record without reserved headers is a message by
 * itself; one that is numbered and has no frame belongs to its writer's unfinished message. Commands are skipped.
 */
export class MessageDecoder {
  readonly #assembler: FrameAssembler;
  readonly #filter = new DedupeFilter();

  /** The numbers of the last messages that were whole, by writer. */
  #marks: WriterMarks;

  /** Copies of what `marks` tells of are dropped from the beginning on. */
  constructor({ maxFrameBytes, maxSilentRecords, onDiscard }: DecoderSettings, marks: WriterMarks) {
    this.#assembler = new FrameAssembler({
      ...{ maxFrameBytes, maxSilentRecords },
      onDiscard: ({ reason, records, seqNum = 0 }) => onDiscard?.({ reason, records, seq_num: seqNum }),
    });
    for (const [writerId, seq] of marks) this.#filter.accepts(writerId, seq);
    this.#marks = marks;
  }

  /** Takes the next record of the stream; the message that it completes, if any. */
  push(record: ReadRecord<"bytes">): StoredMessage | undefined {
    this.#assembler.reach(record.seq_num);
    const reserved = readReservedHeaders(record.headers);
    if (reserved.frame === undefined && reserved.dedupe === undefined) {
      if (isCommandRecord(record)) return undefined;
      return this.#stored(record, record.body, record.headers, record.seq_num);
    }
    const { dedupe } = reserved;
    if (dedupe !== undefined && !this.#filter.accepts(dedupe[0], dedupe[1])) return undefined;
    try {
      const whole = this.#assembler.take(record, reserved);
      if (whole === undefined) return undefined;
      if (dedupe !== undefined) this.#marks = withMark(this.#marks, dedupe[0], dedupe[1]);
      const { headers, seq_num = record.seq_num } = whole.first;
      return this.#stored(record, whole.payload, headers, seq_num);
    } catch (error) {
      if (!(error instanceof FrameSizeError)) throw error;
      return this.#stored(record, EMPTY, record.headers, record.seq_num, error);
    }
  }

  #stored(
    { seq_num, timestamp }: ReadRecord<"bytes">,
    payload: Uint8Array,
    headers: HeaderList,
    seqNum: number,
    tooLarge?: FrameSizeError,
  ): StoredMessage {
    const end = seq_num + 1;
    const resumeFrom = this.#assembler.oldestOpenSeqNum ?? end;
    return { payload, headers, seqNum, end, timestamp, resumeFrom, marks: this.#marks, tooLarge };
  }
}
