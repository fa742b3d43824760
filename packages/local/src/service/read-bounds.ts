import type { Position } from "../storage/storage.js";
import { subtractU64, type U64 } from "../storage/u64.js";
import { invalid, unwritten } from "./errors.js";
import type { LiveStream } from "./live-stream.js";

/** Where a read starts. */
export type ReadFrom =
  | { readonly kind: "seq_num"; readonly value: U64 }
  | { readonly kind: "timestamp"; readonly value: U64 }
  | { readonly kind: "tail_offset"; readonly value: U64 };

/** What a read asks for. */
export interface ReadRequest {
  readonly from: ReadFrom;
  /** Start at the tail when the start lies beyond it. */
  readonly clamp: boolean;
  readonly count: U64 | undefined;
  /** Metered. */
  readonly bytes: U64 | undefined;
  /** Exclusive timestamp. */
  readonly until: U64 | undefined;
  readonly waitSecs: number | undefined;
}

/** Reads that answer at once: records, metered bytes and seconds at most. */
const UNARY_LIMITS = { records: 1000, bytes: 1024 * 1024, waitSecs: 60 } as const;

/** A read that answers at once is always bounded. */
export function boundUnary(request: ReadRequest): ReadRequest {
  const { count, bytes, waitSecs } = request;
  return {
    ...request,
    count: count === undefined || count > UNARY_LIMITS.records ? UNARY_LIMITS.records : count,
    bytes: bytes === undefined || bytes > UNARY_LIMITS.bytes ? UNARY_LIMITS.bytes : bytes,
    waitSecs: waitSecs === undefined ? undefined : Math.min(waitSecs, UNARY_LIMITS.waitSecs),
  };
}

/** Refuses a timestamp start that `until` already excludes; this comes before anything is opened or created. */
export function checkReadRange(request: ReadRequest): void {
  if (request.from.kind !== "timestamp" || request.until === undefined) return;
  if (request.from.value >= request.until) throw invalid("start `timestamp` exceeds or equal to `until`");
}

/** Whether a read may stay at the tail for records to come. */
export function mayFollow(request: ReadRequest): boolean {
  if ((request.waitSecs ?? 0) > 0) return true;
  return request.count === undefined && request.bytes === undefined && request.until === undefined;
}

/** Whether nothing may be returned at all. */
export function isExhausted(request: ReadRequest): boolean {
  return request.count === 0 || request.bytes === 0;
}

/**
 * The first sequence number of a read, by the durable tail of this moment.
 * @throws ServiceError 416 beyond the tail without `clamp`, and at the tail when the read may not follow.
 */
export async function resolveStart(
  stream: LiveStream,
  request: ReadRequest,
  tail: Position,
  now: number,
): Promise<number> {
  const start = await requestedStart(stream, request, tail, now);
  if (start === tail.seq_num && !mayFollow(request)) throw unwritten(tail);
  return start;
}

async function requestedStart(
  stream: LiveStream,
  { from, clamp }: ReadRequest,
  tail: Position,
  now: number,
): Promise<number> {
  if (from.kind === "tail_offset") return Number(subtractU64(tail.seq_num, from.value));
  const beyond = from.kind === "seq_num" ? from.value > tail.seq_num : from.value > tail.timestamp;
  if (beyond && !clamp) throw unwritten(tail);
  if (beyond) return tail.seq_num;
  if (from.kind === "seq_num") return Number(from.value);
  const found = await stream.log.findTimestamp(from.value, now);
  // A trimmed record that shares its batch with live ones may still be found.
  if (found === undefined || found > tail.seq_num || stream.visibleFrom >= tail.seq_num) return tail.seq_num;
  return found < stream.visibleFrom ? Number(stream.visibleFrom) : found;
}
