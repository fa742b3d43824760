/**
 * What the service accepts. Sizes are in bytes; names are measured in UTF-8.
 * @see https://s2.dev/docs/limits
 */

/** Bytes that every record is metered with besides its headers and body. */
export const RECORD_METERED_OVERHEAD = 8;
/** Bytes that every header is metered with besides its name and value. */
export const HEADER_METERED_OVERHEAD = 2;

/** Records in one append batch, at most; also in one batch of a read. */
export const MAX_BATCH_RECORDS = 1000;
/** Metered bytes of one append batch, at most; also of one batch of a read. */
export const MAX_BATCH_BYTES = 1_048_576;
/** Metered bytes of one record, at most. */
export const MAX_RECORD_BYTES = 1_048_576;
/** Bytes of a fencing token, at most; an empty one means "no token". */
export const MAX_FENCING_TOKEN_BYTES = 36;
/** Bytes in the body of a trim command: one big-endian u64. */
export const TRIM_BODY_BYTES = 8;

/** Value of a session frame's length field, at most: flags and payload. */
export const MAX_FRAME_LENGTH = 2_097_152;
/** The head of a session frame: three bytes of length, one of flags. */
export const FRAME_HEAD_BYTES = 4;
/** Payload of a session frame, at most; the same for a decompressed one. */
export const MAX_FRAME_PAYLOAD = 2_097_151;
/** Body of a unary request, at most, after decompression. */
export const MAX_UNARY_BODY = 2_097_152;
/** Bodies and frame payloads from this size up are worth compressing. */
export const COMPRESSION_THRESHOLD_BYTES = 1024;

/** Largest unsigned 64-bit integer. */
export const MAX_U64 = 0xffff_ffff_ffff_ffffn;

export const MIN_BASIN_NAME_BYTES = 8;
export const MAX_BASIN_NAME_BYTES = 48;
/** Also for `start_after`. */
export const MAX_BASIN_PREFIX_BYTES = 48;
export const MAX_STREAM_NAME_BYTES = 512;
/** Also for `start_after`. */
export const MAX_STREAM_PREFIX_BYTES = 512;
export const MAX_ACCESS_TOKEN_ID_BYTES = 96;
/** Also for `start_after`. */
export const MAX_ACCESS_TOKEN_PREFIX_BYTES = 96;
/** In characters: a location is ASCII. */
export const MAX_LOCATION_LENGTH = 64;
/** Of the `s2-request-token` header. */
export const MAX_REQUEST_TOKEN_BYTES = 36;
/** Characters of the `s2-encryption-key` header, at most. */
export const MAX_ENCRYPTION_KEY_LENGTH = 44;

/** Items on one page of a list, at most and by default. */
export const MAX_LIST_LIMIT = 1000;
/** Seconds that a unary read may wait, at most; the service lowers more than that in silence. */
export const MAX_UNARY_WAIT_SECS = 60;
