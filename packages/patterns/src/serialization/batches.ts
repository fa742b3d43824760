import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS, meteredBytes } from "@s2-dev/streamstore-core";
import type { FramedRecord } from "./frame.js";

/**
 * Records in as few batches as the service allows: at most 1000 records and 1 MiB metered each. Sizes are those of
 * the records as they are now, with every header.
 */
export function splitIntoBatches(records: readonly FramedRecord[]): FramedRecord[][] {
  const batches: FramedRecord[][] = [];
  let batch: FramedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = meteredBytes(record);
    if (batch.length === MAX_BATCH_RECORDS || (batch.length > 0 && bytes + size > MAX_BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
