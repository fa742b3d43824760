/** How much one append takes. */
export {
  MAX_BATCH_BYTES as MAX_APPEND_BYTES,
  MAX_BATCH_RECORDS as MAX_APPEND_RECORDS,
} from "@s2-dev/streamstore-core";
