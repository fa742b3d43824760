import { encodeAppendAck } from "@s2-dev/streamstore-core/wire";

export * from "@s2-dev/transport-testing";

export function ackBody(start: number, records = 1): Buffer {
  const end = { seq_num: start + records, timestamp: 1 };
  return Buffer.from(encodeAppendAck({ start: { seq_num: start, timestamp: 1 }, end, tail: end }));
}

/** An event of a read with records numbered from `first`. */
export function batchEvent(first: number, bodies: readonly string[]): string {
  const records = bodies.map((body, index) => ({ seq_num: first + index, timestamp: 1, body }));
  return `event: batch\nid: ${first + bodies.length - 1},1,1\ndata: ${JSON.stringify({ records })}\n\n`;
}

export function pingEvent(tail: number): string {
  return `event: ping\ndata: ${JSON.stringify({ timestamp: 5, tail: { seq_num: tail, timestamp: 1 } })}\n\n`;
}

export const DONE_EVENT = "data: [DONE]\n\n";
