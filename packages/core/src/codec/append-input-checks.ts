import { invalidArgument, show } from "../error/make.js";
import { isBytes } from "../model/bytes.js";
import { sizeOf } from "../model/data-size.js";
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  MAX_RECORD_BYTES,
  RECORD_METERED_OVERHEAD,
} from "../model/limits.js";

export function checkRecordCount(records: unknown): void {
  if (Array.isArray(records) && records.length >= 1 && records.length <= MAX_BATCH_RECORDS) return;
  throw invalidArgument(
    `records must be an array of 1 to ${MAX_BATCH_RECORDS} records, not ${show(records)}`,
  );
}

/** The length of a body, or of a header's part with its place, in characters or bytes: a lower bound of its size. */
export function checkPart(data: string | Uint8Array, what: string, index: number, place?: number): number {
  if (typeof data !== "string" && !isBytes(data)) {
    const field = place === undefined ? `.${what}` : `.headers[${place}] ${what}`;
    throw invalidArgument(`records[${index}]${field} must be a string or a Uint8Array, not ${show(data)}`);
  }
  if (data.length > MAX_RECORD_BYTES) throw recordTooLarge(index, RECORD_METERED_OVERHEAD + sizeOf(data));
  return data.length;
}

export function checkHeaderObject(headers: unknown, index: number): void {
  // A Map, a Headers or a typed array would look like an object without headers.
  if (typeof headers === "object" && headers !== null && !(Symbol.iterator in headers)) return;
  const shown = Object(headers) === headers ? Object.prototype.toString.call(headers) : show(headers);
  throw invalidArgument(
    `records[${index}].headers must be an array of pairs or a plain object, not ${shown}`,
  );
}

export function recordTooLarge(index: number, metered: number): Error {
  return invalidArgument(
    `records[${index}] is at least ${metered} metered bytes; the limit is ${MAX_RECORD_BYTES}`,
  );
}

export function tooManyBytes(metered: number, index: number): Error {
  return invalidArgument(
    `records up to records[${index}] are ${metered} metered bytes; the limit is ${MAX_BATCH_BYTES}`,
  );
}
