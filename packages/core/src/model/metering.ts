import { invalidArgument } from "../error/make.js";
import { HEADER_METERED_OVERHEAD, MAX_RECORD_BYTES, RECORD_METERED_OVERHEAD } from "./limits.js";
import type { AppendHeadersInput, AppendRecordInput, BytesReadRecord, StringReadRecord } from "./record.js";
import { utf8ByteLength } from "./utf8.js";

export { utf8ByteLength };

/** What `meteredBytes` measures: a record to append, or a record as read in either format. */
export type MeterableRecord = AppendRecordInput | StringReadRecord | BytesReadRecord;

/**
 * Metered size of a record in bytes: 8, plus 2 and the lengths of name and value for each header, plus the body,
 * with text measured as UTF-8.
 * Of a record read as text it is the size of that text: bytes that are not UTF-8 were three times as small.
 * @see https://s2.dev/docs/limits
 */
export function meteredBytes(record: MeterableRecord): number {
  const { body } = record;
  return RECORD_METERED_OVERHEAD + headerBytes(record) + (body === undefined ? 0 : sizeOf(body));
}

/**
 * The largest body, in bytes, that a record with these headers can have.
 * Throws `INVALID_ARGUMENT` for headers that are too large by themselves.
 */
export function maxBodyBytes(headers?: AppendHeadersInput): number {
  const taken = meteredBytes({ headers });
  if (taken <= MAX_RECORD_BYTES) return MAX_RECORD_BYTES - taken;
  throw invalidArgument(`headers take ${taken} metered bytes; the limit of a record is ${MAX_RECORD_BYTES}`);
}

function headerBytes(record: MeterableRecord): number {
  // Only the list of a record that was read has all duplicates.
  const headers = "headerList" in record ? record.headerList : record.headers;
  if (headers === undefined) return 0;
  let total = 0;
  if (Array.isArray(headers)) {
    for (const [name, value] of headers) total += HEADER_METERED_OVERHEAD + sizeOf(name) + sizeOf(value);
    return total;
  }
  for (const [name, value] of Object.entries(headers)) {
    total += HEADER_METERED_OVERHEAD + utf8ByteLength(name) + sizeOf(value);
  }
  return total;
}

function sizeOf(data: string | Uint8Array): number {
  return typeof data === "string" ? utf8ByteLength(data) : data.length;
}
