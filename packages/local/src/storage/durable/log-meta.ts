import type { LogEntry, LogSummary } from "../storage.js";
import { decodeRow, encodeRow } from "./durable-table.js";

/** What is stored of a log besides its batches. */
export interface LogMeta extends LogSummary {
  /** The batch that a trim point divides, and how many of its metered bytes are trimmed: it stays whole. */
  readonly divided: { readonly firstSeqNum: number; readonly trimmedBytes: number } | null;
}

/** A log that nothing was ever written to. */
export const EMPTY_META: LogMeta = {
  state: { tail: { seq_num: 0, timestamp: 0 }, fencingToken: "", trimPoint: 0, lastWriteAt: 0 },
  storedBytes: 0,
  divided: null,
};

/** The log after one more append. */
export function afterAppend(
  { state, storedBytes, divided }: LogMeta,
  { batch, fencingToken, trimPoint }: LogEntry,
  now: number,
): LogMeta {
  return {
    state: {
      tail: { seq_num: batch.firstSeqNum + batch.count, timestamp: batch.lastTimestamp },
      fencingToken: fencingToken ?? state.fencingToken,
      trimPoint: trimPoint ?? state.trimPoint,
      lastWriteAt: now,
    },
    storedBytes: storedBytes + batch.meteredBytes,
    divided,
  };
}

export const encodeMeta: (meta: LogMeta) => Uint8Array = encodeRow;
export const decodeMeta: (value: Uint8Array) => LogMeta = decodeRow<LogMeta>;
