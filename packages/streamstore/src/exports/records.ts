/** What a program that appends uses beside its client: records, and what they weigh. */
export {
  AppendRecord,
  MAX_BATCH_BYTES as MAX_APPEND_BYTES,
  MAX_BATCH_RECORDS as MAX_APPEND_RECORDS,
  maxBodyBytes,
  meteredBytes,
  utf8ByteLength,
} from "@s2-dev/streamstore-core";
