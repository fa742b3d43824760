import { checkText, refused } from "./checks.js";
import { MAX_STREAM_NAME_BYTES } from "./limits.js";

/**
 * An unsigned 64-bit integer of the service, as a number. Values beyond 2^53-1 never get here rounded: they are
 * refused with code `UNSAFE_INTEGER`.
 */
export type U64 = number;

/** Name of a basin: 8 to 48 bytes of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit. */
export type BasinNameStr = string;
/** Name of a stream: 1 to 512 bytes of UTF-8 without NUL, not `.` or `..`. */
export type StreamNameStr = string;
/** Id of an access token: 1 to 96 bytes of UTF-8 without NUL, not `.` or `..`. */
export type AccessTokenIdStr = string;
/** A fencing token: at most 36 bytes of UTF-8; empty means that none is set. */
export type FencingToken = string;

const BASIN_NAME = /^[a-z0-9][a-z0-9-]{6,46}[a-z0-9]$/;

/** Throws `INVALID_ARGUMENT` unless the value can name a basin. */
export function checkBasinName(value: unknown, field = "basin"): asserts value is BasinNameStr {
  if (typeof value === "string" && BASIN_NAME.test(value)) return;
  throw refused(
    field,
    "be 8 to 48 bytes of a-z, 0-9 and hyphens that begin and end with a letter or digit",
    value,
  );
}

/** Throws `INVALID_ARGUMENT` unless the value can name a stream. */
export function checkStreamName(value: unknown, field = "stream"): asserts value is StreamNameStr {
  checkSegment(value, field, MAX_STREAM_NAME_BYTES);
}

/** A name that becomes a path segment: `.` and `..` would change the path. */
export function checkSegment(value: unknown, field: string, max: number): void {
  checkText(value, field, 1, max);
  if (value === "." || value === "..") throw refused(field, 'not be "." or ".."', value);
}
