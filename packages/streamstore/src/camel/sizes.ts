import { type AppendRecordInput, meteredBytes } from "@s2-dev/streamstore-core";
import { checkObject, isBytes, refused } from "@s2-dev/streamstore-core/client";

/** Metered size of a record in bytes; throws `INVALID_ARGUMENT` for what is no record, and so has no size. */
export function checkedSize(record: AppendRecordInput): number {
  checkObject(record, "record");
  const { body, headers } = record;
  if (body !== undefined && !isPart(body)) throw refused("body", "be a string or a Uint8Array", body);
  checkHeaders(headers);
  return meteredBytes({ body, headers });
}

function checkHeaders(headers: unknown): void {
  if (headers === undefined) return;
  if (!Array.isArray(headers)) checkObject(headers, "headers");
  const pairs: readonly unknown[] = Array.isArray(headers) ? headers : Object.entries(headers as object);
  for (const [place, pair] of pairs.entries()) {
    if (Array.isArray(pair) && pair.length === 2 && pair.every(isPart)) continue;
    throw refused(`headers[${place}]`, "be a pair of strings or Uint8Arrays", pair);
  }
}

function isPart(part: unknown): boolean {
  return typeof part === "string" || isBytes(part);
}
