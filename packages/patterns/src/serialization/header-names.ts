/**
 * Names of the headers that this format adds to records, as text and as the bytes that are stored.
 * They are the wire contract with every other reader and writer of framed streams.
 */

/** On the first record of a message: how many records the message takes, as a big-endian u64. */
export const FRAME_RECORDS_HEADER = "_frame_records";
/** On the first record of a message: the message's size in bytes, as a big-endian u64. */
export const FRAME_BYTES_HEADER = "_frame_bytes";
/** On every record of a writer that dedupes: the record's number, one higher each time, as a big-endian u64. */
export const DEDUPE_SEQ_HEADER = "_dedupe_seq";
/** On every record of a writer that dedupes: who wrote it, as text. */
export const WRITER_ID_HEADER = "_writer_id";
/** The older name of `WRITER_ID_HEADER`. */
export const WRITER_UNIQ_ID = WRITER_ID_HEADER;

const encoder = /* @__PURE__ */ new TextEncoder();

/** `FRAME_RECORDS_HEADER` as stored. */
export const FRAME_RECORDS_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encoder.encode(FRAME_RECORDS_HEADER);
/** `FRAME_BYTES_HEADER` as stored. */
export const FRAME_BYTES_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encoder.encode(FRAME_BYTES_HEADER);
/** `DEDUPE_SEQ_HEADER` as stored. */
export const DEDUPE_SEQ_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encoder.encode(DEDUPE_SEQ_HEADER);
/** `WRITER_ID_HEADER` as stored. */
export const WRITER_ID_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encoder.encode(WRITER_ID_HEADER);
/** The older name of `WRITER_ID_HEADER_BYTES`. */
export const WRITER_UNIQ_ID_BYTES: Uint8Array = WRITER_ID_HEADER_BYTES;
/** Another older name of `WRITER_ID_HEADER_BYTES`. */
export const DEDUPE_WRITER_UNIQ_ID: Uint8Array = WRITER_ID_HEADER_BYTES;
