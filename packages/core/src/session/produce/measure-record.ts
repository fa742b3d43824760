import { encodeAppendBatch } from "../../codec/append-input.js";
import { sizeOf } from "../../model/data-size.js";
import { HEADER_METERED_OVERHEAD, RECORD_METERED_OVERHEAD } from "../../model/limits.js";
import type { AppendHeadersInput, AppendRecordInput } from "../../model/record.js";
import { hasCondition } from "../../model/shapes.js";

/**
 * Metered bytes of a record, which is refused with `INVALID_ARGUMENT` if a batch with it would be. What looks unusual
 * is given to the encoder to judge, so that one bad record is found before it is among good ones.
 */
export function measureRecord(record: AppendRecordInput): number {
  const { body, headers, timestamp } = record ?? {};
  const time = timestamp ?? 0;
  const bytes =
    (body ?? headers) !== undefined && !hasCondition(record) && Number.isSafeInteger(time) && time >= 0
      ? RECORD_METERED_OVERHEAD + (body === undefined ? 0 : sizeOf(body)) + headerBytes(headers)
      : Number.NaN;
  return Number.isNaN(bytes) ? bytesOfEncoded(record) : bytes;
}

function bytesOfEncoded(record: AppendRecordInput): number {
  const { meteredBytes, place } = encodeAppendBatch([record]);
  place?.release();
  return meteredBytes;
}

/** `NaN` for what is unusual: wrong shapes, and a header without a name, which makes a command. */
function headerBytes(headers: AppendHeadersInput | undefined): number {
  if (headers === undefined) return 0;
  if (!Array.isArray(headers)) {
    return typeof headers !== "object" || headers === null || Symbol.iterator in headers
      ? Number.NaN
      : headerBytes(Object.entries(headers));
  }
  let total = 0;
  for (const pair of headers) {
    if (!Array.isArray(pair) || pair.length !== 2) return Number.NaN;
    const length = sizeOf(pair[0]);
    if (length === 0) return Number.NaN;
    total += HEADER_METERED_OVERHEAD + length + sizeOf(pair[1]);
  }
  return total;
}
