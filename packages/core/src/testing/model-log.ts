import { decodeAppendInput } from "../codec/append-input-decode.js";
import type { WireAppendRecord } from "../codec/wire-types.js";
import { SeqNumMismatchError } from "../error/append-errors.js";
import type { S2Error } from "../error/s2-error.js";
import { FRAME_HEAD_BYTES } from "../model/limits.js";
import type { AppendAck, StreamPosition } from "../model/position.js";
import type { EncodedBatch } from "../model/record.js";

type WireHeaders = WireAppendRecord["headers"];

/** A record in the log of a model server. */
export interface ModelRecord {
  /** Its place in the log. */
  readonly seq_num: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** The content, as text. */
  readonly body: string;
  /** Names and values. */
  readonly headers: WireHeaders;
  /** What it counts for, in metered bytes. */
  readonly meteredBytes: number;
}

/** The durable part of a model server: one stream, in memory. */
export interface ModelLog {
  /** All records, in order. */
  readonly records: readonly ModelRecord[];
  /** The position behind the last one. */
  readonly tail: StreamPosition;
  /** Writes a batch, or says why it may not be written. */
  append(batch: EncodedBatch): AppendAck | S2Error;
  /** Writes a record of somebody else. */
  write(body: string): void;
}

/** Makes an empty log. The timestamp of a record is its sequence number and 1000. */
export function createModelLog(): ModelLog {
  const records: ModelRecord[] = [];
  const text = new TextDecoder();
  const tail = (): StreamPosition => {
    const last = records[records.length - 1];
    return { seq_num: records.length, timestamp: last?.timestamp ?? 0 };
  };
  const write = (body: string, meteredBytes: number, headers: WireHeaders = []): void => {
    records.push({ seq_num: records.length, timestamp: records.length + 1000, body, headers, meteredBytes });
  };
  return {
    records,
    get tail() {
      return tail();
    },
    append(batch) {
      const input = decodeAppendInput(batch.frame.subarray(FRAME_HEAD_BYTES));
      const expected = records.length;
      if (input.match_seq_num !== undefined && input.match_seq_num !== expected) {
        return new SeqNumMismatchError({ expectedSeqNum: expected, origin: "server" });
      }
      for (const { body, headers } of input.records)
        write(text.decode(body.subarray(0, 32)), 8 + body.length, headers);
      const end = tail();
      return { start: { seq_num: expected, timestamp: expected + 1000 }, end, tail: end };
    },
    write: (body) => write(body, 8 + body.length),
  };
}
