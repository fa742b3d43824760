import { checkText, refused } from "./checks.js";
import {
  MAX_ACCESS_TOKEN_ID_BYTES,
  MAX_ACCESS_TOKEN_PREFIX_BYTES,
  MAX_LIST_LIMIT,
  MAX_STREAM_PREFIX_BYTES,
} from "./limits.js";
import { type AccessTokenIdStr, checkSegment } from "./names.js";

// What only the calls that manage something check: clients load it with the first of them.

const BASIN_PREFIX = /^(?:[a-z0-9][a-z0-9-]{0,47})?$/;
const LOCATION = /^[A-Za-z0-9:.-]{1,64}$/;
const REQUEST_TOKEN = /^[\x21-\x7e]{0,36}$/;

/** For `prefix` and `start_after` of basin listings: up to 48 bytes of the basin alphabet, not beginning with a hyphen. */
export function checkBasinPrefix(value: unknown, field = "prefix"): asserts value is string {
  if (typeof value === "string" && BASIN_PREFIX.test(value)) return;
  throw refused(field, "be 0 to 48 bytes of a-z, 0-9 and hyphens that do not begin with a hyphen", value);
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
