import { encodeAppendBatch } from "../../codec/append-input.js";
import { invalidArgument, show } from "../../error/make.js";
import { HEADER_METERED_OVERHEAD, RECORD_METERED_OVERHEAD } from "../../model/limits.js";
import type { AppendHeadersInput, AppendRecordInput } from "../../model/record.js";
import { checkEmptyRecord } from "../../model/shapes.js";
import { utf8ByteLength } from "../../model/utf8.js";

/**
 * Metered bytes of a record, which is refused with `INVALID_ARGUMENT` if a batch with it would be. What looks unusual
 * is given to the encoder to judge, so that one bad record is found before it is among good ones.
 */
export function measureRecord(record: AppendRecordInput): number {
  if (typeof record !== "object" || record === null) {
    throw invalidArgument(`A record must be an object, not ${show(record)}`);
  }
  const { body, headers, timestamp } = record;
  if (body === undefined && headers === undefined && timestamp === undefined) {
    checkEmptyRecord(record, "A record");
  }
  const bytes =
    timestamp === undefined ||
    timestamp === null ||
    (Number.isSafeInteger(timestamp) && (timestamp as number) >= 0)
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
  if (typeof headers !== "object" || headers === null) return Number.NaN;
  if (Array.isArray(headers)) {
    let total = 0;
    for (const pair of headers) {
      if (!Array.isArray(pair) || pair.length !== 2) return Number.NaN;
      total += partBytes(pair[0], pair[1]);
    }
    return total;
  }
  if (Symbol.iterator in headers) return Number.NaN;
  let total = 0;
  for (const [name, value] of Object.entries(headers)) total += partBytes(name, value);
  return total;
}

function partBytes(name: string | Uint8Array, value: string | Uint8Array): number {
  const length = sizeOf(name);
  return length === 0 ? Number.NaN : HEADER_METERED_OVERHEAD + length + sizeOf(value);
}

function sizeOf(data: string | Uint8Array): number {
  if (typeof data === "string") return utf8ByteLength(data);
  return data instanceof Uint8Array ? data.length : Number.NaN;
}
