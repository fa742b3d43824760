/** What a program that appends uses beside its client: records, and what they weigh. */
export { AppendRecord } from "../model/append-record.js";
export { maxBodyBytes, meteredBytes, utf8ByteLength } from "../model/metering.js";
