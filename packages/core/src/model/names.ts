import { checkText, refused } from "./checks.js";
import {
  MAX_ACCESS_TOKEN_ID_BYTES,
  MAX_ACCESS_TOKEN_PREFIX_BYTES,
  MAX_FENCING_TOKEN_BYTES,
  MAX_LIST_LIMIT,
  MAX_STREAM_NAME_BYTES,
  MAX_STREAM_PREFIX_BYTES,
} from "./limits.js";
import { utf8ByteLength } from "./utf8.js";

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
const BASIN_PREFIX = /^(?:[a-z0-9][a-z0-9-]{0,47})?$/;
const LOCATION = /^[A-Za-z0-9:.-]{1,64}$/;
const REQUEST_TOKEN = /^[\x21-\x7e]{0,36}$/;

/** Throws `INVALID_ARGUMENT` unless the value can name a basin. */
export function checkBasinName(value: unknown, field = "basin"): asserts value is BasinNameStr {
  if (typeof value === "string" && BASIN_NAME.test(value)) return;
  throw refused(
    field,
    "be 8 to 48 bytes of a-z, 0-9 and hyphens that begin and end with a letter or digit",
    value,
  );
}

/** For `prefix` and `start_after` of basin listings: up to 48 bytes of the basin alphabet, not beginning with a hyphen. */
export function checkBasinPrefix(value: unknown, field = "prefix"): asserts value is string {
  if (typeof value === "string" && BASIN_PREFIX.test(value)) return;
  throw refused(field, "be 0 to 48 bytes of a-z, 0-9 and hyphens that do not begin with a hyphen", value);
}

/** Throws `INVALID_ARGUMENT` unless the value can name a stream. */
export function checkStreamName(value: unknown, field = "stream"): asserts value is StreamNameStr {
  checkSegment(value, field, MAX_STREAM_NAME_BYTES);
}

/** For `prefix` and `start_after` of stream listings: up to 512 bytes without NUL. */
export function checkStreamPrefix(value: unknown, field = "prefix"): asserts value is string {
  checkText(value, field, 0, MAX_STREAM_PREFIX_BYTES);
}

/** Throws `INVALID_ARGUMENT` unless the value can be the id of an access token. */
export function checkAccessTokenId(value: unknown, field = "id"): asserts value is AccessTokenIdStr {
  checkSegment(value, field, MAX_ACCESS_TOKEN_ID_BYTES);
}

/** For `prefix` and `start_after` of access token listings: up to 96 bytes without NUL. */
export function checkAccessTokenPrefix(value: unknown, field = "prefix"): asserts value is string {
  checkText(value, field, 0, MAX_ACCESS_TOKEN_PREFIX_BYTES);
}

/** Throws `INVALID_ARGUMENT` unless the value can name a location. */
export function checkLocation(value: unknown, field = "location"): asserts value is string {
  if (typeof value === "string" && LOCATION.test(value)) return;
  throw refused(field, "be 1 to 64 ASCII letters, digits, colons, hyphens and dots", value);
}

/** Throws `INVALID_ARGUMENT` unless the value can be a fencing token; the empty one asserts "unfenced". */
export function checkFencingToken(value: unknown, field = "fencing_token"): asserts value is FencingToken {
  if (typeof value === "string" && utf8ByteLength(value) <= MAX_FENCING_TOKEN_BYTES) return;
  throw refused(field, `be text of at most ${MAX_FENCING_TOKEN_BYTES} bytes of UTF-8`, value);
}

/** Throws `INVALID_ARGUMENT` unless the value can be sent as `s2-request-token`. */
export function checkRequestToken(value: unknown, field = "s2-request-token"): asserts value is string {
  if (typeof value === "string" && REQUEST_TOKEN.test(value)) return;
  throw refused(field, "be at most 36 printable ASCII characters without spaces", value);
}

/**
 * For `limit` of listings. The service takes 0 and everything above 1000 for 1000, so only what is no count at all
 * is refused here.
 */
export function checkPageLimit(value: unknown, field = "limit"): asserts value is number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return;
  throw refused(field, `be a whole number of items (pages hold at most ${MAX_LIST_LIMIT})`, value);
}

/** A name that becomes a path segment: `.` and `..` would change the path. */
function checkSegment(value: unknown, field: string, max: number): void {
  checkText(value, field, 1, max);
  if (value === "." || value === "..") throw refused(field, 'not be "." or ".."', value);
}
