import { encodeAppendAckFrame, encodeReadBatchFrame } from "@s2-dev/streamstore-core/wire";

export * from "@s2-dev/transport-testing";

export function ackFrame(start: number, records = 1): Buffer {
  const end = { seq_num: start + records, timestamp: 1 };
  return Buffer.from(encodeAppendAckFrame({ start: { seq_num: start, timestamp: 1 }, end, tail: end }));
}

/** A frame of a read with records numbered from `first`. */
export function batchFrame(first: number, bodies: readonly (string | Uint8Array)[]): Buffer {
  const records = bodies.map((body, index) => ({
    seq_num: first + index,
    timestamp: 1,
    headers: [],
    body: Buffer.from(body as Uint8Array),
  }));
  return Buffer.from(encodeReadBatchFrame({ records }));
}

export function heartbeatFrame(tail: number): Buffer {
  return Buffer.from(encodeReadBatchFrame({ records: [], tail: { seq_num: tail, timestamp: 1 } }));
}
