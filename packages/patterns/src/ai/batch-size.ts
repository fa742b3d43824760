import {
  type AppendRecordInput,
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  meteredBytes,
} from "@s2-dev/streamstore-core";

/** Half of the limit: what is small when metered may take more when it is encoded. */
const MAX_BYTES = MAX_BATCH_BYTES / 2;

/** How many of the records, from the first on, fit one batch; at least one. */
export function countThatFits(records: readonly AppendRecordInput[]): number {
  let bytes = 0;
  let count = 0;
  for (const record of records) {
    bytes += meteredBytes(record);
    if (count === MAX_BATCH_RECORDS || (count > 0 && bytes > MAX_BYTES)) break;
    count += 1;
  }
  return count;
}

/** The records in batches that fit. */
export function batchesOf(records: readonly AppendRecordInput[]): AppendRecordInput[][] {
  const batches: AppendRecordInput[][] = [];
  for (let from = 0; from < records.length; ) {
    const count = countThatFits(records.slice(from));
    batches.push(records.slice(from, from + count));
    from += count;
  }
  return batches;
}
