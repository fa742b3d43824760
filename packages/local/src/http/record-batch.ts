import type { WireReadBatch, WireRecord } from "@s2-dev/streamstore-core/wire";
import type { ReadRecords } from "../service/read-session.js";
import { RecordCursor } from "../storage/record-cursor.js";

/** The records of a read, decoded, with their tail. */
export function batchOf({ chunks, tail }: ReadRecords): WireReadBatch {
  const records: WireRecord[] = [];
  for (const chunk of chunks) {
    const cursor = new RecordCursor(chunk);
    while (cursor.next()) {
      records.push({ seq_num: cursor.seqNum, timestamp: cursor.timestamp, ...cursor.parts() });
    }
  }
  return tail === undefined ? { records } : { records, tail };
}
