/** What a program that appends uses beside its client: records, and what they weigh. */
export {
  AppendRecord,
  maxBodyBytes,
  meteredBytes,
  utf8ByteLength,
} from "@s2-dev/streamstore-core";
