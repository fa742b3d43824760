import type { StoredBatch } from "../storage.js";
import { type U64, u64 } from "../u64.js";
import { seqNumOf } from "./keys.js";
import type { Entry } from "./ordered-store.js";

/** Bytes of a batch that may stand in its header. Longer ones have a row of their own, so that headers stay dense. */
const MAX_INLINE_BYTES = 1024;

const COUNT_AT = 0;
const METERED_AT = 4;
const FIRST_TIMESTAMP_AT = 8;
const LAST_TIMESTAMP_AT = 16;
const EXPIRES_AT = 24;
const FLAGS_AT = 32;
const HEADER_BYTES = 33;

const SEALED = 1;
const INLINE = 2;

/** What is known of a stored batch without its bytes. */
export interface BatchHeader extends Omit<StoredBatch, "bytes"> {
  /** The bytes, when they are few; otherwise they are under their own key. */
  readonly inline: Uint8Array | undefined;
}

/** The value under a batch's header key, and whether the batch's bytes are in there. */
export function encodeHeader(batch: StoredBatch): { value: Uint8Array; inline: boolean } {
  const inline = batch.bytes.length <= MAX_INLINE_BYTES;
  const value = new Uint8Array(HEADER_BYTES + (inline ? batch.bytes.length : 0));
  const view = new DataView(value.buffer);
  view.setUint32(COUNT_AT, batch.count);
  view.setUint32(METERED_AT, batch.meteredBytes);
  view.setBigUint64(FIRST_TIMESTAMP_AT, BigInt(batch.firstTimestamp));
  view.setBigUint64(LAST_TIMESTAMP_AT, BigInt(batch.lastTimestamp));
  view.setFloat64(EXPIRES_AT, batch.expiresAt);
  view.setUint8(FLAGS_AT, (batch.sealed ? SEALED : 0) | (inline ? INLINE : 0));
  if (inline) value.set(batch.bytes, HEADER_BYTES);
  return { value, inline };
}

export function decodeHeader([key, value]: Entry): BatchHeader {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const flags = view.getUint8(FLAGS_AT);
  return {
    firstSeqNum: seqNumOf(key),
    count: view.getUint32(COUNT_AT),
    meteredBytes: view.getUint32(METERED_AT),
    firstTimestamp: timestampAt(view, FIRST_TIMESTAMP_AT),
    lastTimestamp: timestampAt(view, LAST_TIMESTAMP_AT),
    expiresAt: view.getFloat64(EXPIRES_AT),
    sealed: (flags & SEALED) !== 0,
    inline: (flags & INLINE) === 0 ? undefined : value.subarray(HEADER_BYTES),
  };
}

/** The sequence number behind the batch. */
export function endOf(header: BatchHeader): number {
  return header.firstSeqNum + header.count;
}

function timestampAt(view: DataView, at: number): U64 {
  return u64(view.getBigUint64(at));
}
