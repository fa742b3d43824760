import {
  type AppendAck,
  type AppendRecordInput,
  invalidArgument,
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  meteredBytes,
  type ReadRecord,
  SeqNumMismatchError,
} from "@s2-dev/streamstore-core";

/** A batch as a session sent it. */
export interface SentBatch {
  readonly records: readonly AppendRecordInput[];
  readonly match_seq_num?: number | undefined;
}

const encoder = new TextEncoder();

/** A stream in memory, with the service's limits: what sessions in tests write to and read from. */
export class MemoryStream {
  readonly records: ReadRecord<"bytes">[] = [];
  /** Every batch that was appended. */
  readonly batches: SentBatch[] = [];

  /** Appends all of a batch or throws; bodies are copied, as a wire would. */
  append(batch: SentBatch): AppendAck {
    checkBatch(batch.records);
    const start = this.records.length;
    if (batch.match_seq_num !== undefined && batch.match_seq_num !== start) {
      throw new SeqNumMismatchError({ expectedSeqNum: start });
    }
    this.batches.push(batch);
    for (const record of batch.records) this.records.push(storedRecord(record, this.records.length));
    const position = (seq_num: number) => ({ seq_num, timestamp: seq_num });
    return {
      start: position(start),
      end: position(this.records.length),
      tail: position(this.records.length),
    };
  }
}

/** Throws what a session throws for a batch that it will not send. */
export function checkBatch(records: readonly AppendRecordInput[]): void {
  if (records.length < 1 || records.length > MAX_BATCH_RECORDS) {
    throw invalidArgument(`a batch has 1 to ${MAX_BATCH_RECORDS} records; got ${records.length}`);
  }
  const size = sizeOf(records);
  if (size > MAX_BATCH_BYTES)
    throw invalidArgument(`a batch is at most ${MAX_BATCH_BYTES} bytes; got ${size}`);
}

/** Metered bytes of a batch. */
export function sizeOf(records: readonly AppendRecordInput[]): number {
  return records.reduce((total, record) => total + meteredBytes(record), 0);
}

/** A record as it is read back in bytes format. */
export function storedRecord(record: AppendRecordInput, seq_num: number): ReadRecord<"bytes"> {
  const list = record.headers === undefined ? [] : [...iterateHeaders(record.headers)];
  const headers = list.map(([name, value]): [Uint8Array, Uint8Array] => [bytesOf(name), bytesOf(value)]);
  return { seq_num, timestamp: seq_num, body: bytesOf(record.body ?? ""), headers, headerList: headers };
}

function iterateHeaders(
  headers: NonNullable<AppendRecordInput["headers"]>,
): Iterable<readonly [string | Uint8Array, string | Uint8Array]> {
  return Array.isArray(headers) ? headers : Object.entries(headers);
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data.slice();
}
