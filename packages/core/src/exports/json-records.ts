/** Batches of records as JSON. */
export { type JsonFormat, readBatchFromJson, readBatchToJson } from "../codec/json-records.js";
