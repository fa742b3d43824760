import {
  type AppendHeader,
  type AppendRecordInput,
  invalidArgument,
  utf8ByteLength,
} from "@s2-dev/streamstore-core";
import {
  DEDUPE_SEQ_HEADER,
  DEDUPE_SEQ_HEADER_BYTES,
  WRITER_ID_HEADER,
  WRITER_ID_HEADER_BYTES,
} from "./header-names.js";
import { type HeaderList, isSameName, MAX_WRITER_ID_BYTES, readReservedHeaders } from "./reserved-headers.js";
import { encodeU64, toU64 } from "./u64.js";

/** A record whose headers can still be added to. */
export interface HeadersTarget {
  /** What the two headers are added to. */
  headers?: AppendRecordInput["headers"];
}

/** Who wrote a record and its number there; `undefined` when it does not say. Without a writer id the writer is `"__legacy__"`. */
export function extractDedupeSeq(
  headers?: HeaderList | undefined,
): [writerId: string, seq: bigint] | undefined {
  const dedupe = readReservedHeaders(headers).dedupe;
  return dedupe === undefined ? undefined : [dedupe[0], dedupe[1]];
}

/**
 * Numbers the records of a writer, from `startSeq` on, by adding `_dedupe_seq` and `_writer_id` behind their other
 * headers. Returns the number for the writer's next record.
 * @throws S2Error `INVALID_ARGUMENT`, before any record is touched: a record has one of these headers already, the
 * writer id is longer than 256 bytes, or the numbers leave the unsigned 64-bit range.
 */
export function injectDedupeHeaders(
  records: readonly HeadersTarget[],
  writerId: string,
  startSeq: bigint | number,
): bigint {
  const start = toU64(startSeq, "startSeq");
  const writer = writerIdBytes(writerId);
  for (const [index, record] of records.entries()) refuseDedupeHeaders(record.headers, index);
  return numberRecords(records, writer, start);
}

/** The same for records that are known to have no dedupe headers, by a writer id as stored. */
export function numberRecords(records: readonly HeadersTarget[], writer: Uint8Array, start: bigint): bigint {
  const next = toU64(start + BigInt(records.length), "the dedupe sequence after these records");
  let seq = start;
  for (const record of records) {
    record.headers = [
      ...listOf(record.headers),
      [DEDUPE_SEQ_HEADER_BYTES, encodeU64(seq)],
      [WRITER_ID_HEADER_BYTES, writer],
    ];
    seq += 1n;
  }
  return next;
}

/** A writer id as stored. Throws `INVALID_ARGUMENT` when it is too long for readers to keep. */
export function writerIdBytes(writerId: string): Uint8Array {
  const size = utf8ByteLength(writerId);
  if (size > MAX_WRITER_ID_BYTES) {
    throw invalidArgument(
      `writerId must be at most ${MAX_WRITER_ID_BYTES} bytes of UTF-8; got ${size} bytes`,
    );
  }
  return new TextEncoder().encode(writerId);
}

function refuseDedupeHeaders(headers: AppendRecordInput["headers"], index: number): void {
  for (const [name] of listOf(headers)) {
    for (const [text, bytes] of RESERVED) {
      const isReserved = typeof name === "string" ? name === text : isSameName(name, bytes);
      if (isReserved) throw invalidArgument(`record ${index} has the reserved header ${text} already`);
    }
  }
}

function listOf(headers: AppendRecordInput["headers"]): readonly AppendHeader[] {
  if (headers === undefined) return [];
  return isList(headers) ? headers : Object.entries(headers);
}

const RESERVED = [
  [DEDUPE_SEQ_HEADER, DEDUPE_SEQ_HEADER_BYTES],
  [WRITER_ID_HEADER, WRITER_ID_HEADER_BYTES],
] as const;

function isList(headers: NonNullable<AppendRecordInput["headers"]>): headers is readonly AppendHeader[] {
  return Array.isArray(headers);
}
