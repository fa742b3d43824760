import {
  DEDUPE_SEQ_HEADER_BYTES,
  FRAME_BYTES_HEADER_BYTES,
  FRAME_RECORDS_HEADER_BYTES,
  WRITER_ID_HEADER_BYTES,
} from "./header-names.js";
import { tryDecodeU64 } from "./u64.js";

/** The headers of a record as it was read in bytes format. */
export type HeaderList = readonly (readonly [name: Uint8Array, value: Uint8Array])[];

/** What the frame headers of a message's first record claim, unchecked. */
export interface FrameClaim {
  readonly records: bigint;
  readonly bytes: bigint;
}

/** What the reserved headers of one record say. */
export interface ReservedHeaders {
  /** Present on the first record of a message; `"malformed"` when one of the pair is missing or not a u64. */
  readonly frame: FrameClaim | "malformed" | undefined;
  /** Who wrote the record and its number there; on records of writers that dedupe. */
  readonly dedupe: readonly [writerId: string, seq: bigint] | undefined;
}

/** The writer of records that carry a number but no writer id. */
const LEGACY_WRITER_ID = "__legacy__";

/** Longer writer ids are not ours: such a record counts as one without, so that ids cannot fill a reader's memory. */
export const MAX_WRITER_ID_BYTES = 256;

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });
const UNDERSCORE = 0x5f;
const RESERVED = [
  DEDUPE_SEQ_HEADER_BYTES,
  WRITER_ID_HEADER_BYTES,
  FRAME_RECORDS_HEADER_BYTES,
  FRAME_BYTES_HEADER_BYTES,
];
const NONE: ReservedHeaders = { frame: undefined, dedupe: undefined };

/** Reads the reserved headers of a record; of duplicates the first counts. Never throws. */
export function readReservedHeaders(headers: HeaderList | undefined): ReservedHeaders {
  if (headers === undefined || headers.length === 0) return NONE;
  let frameRecords: Uint8Array | undefined;
  let frameBytes: Uint8Array | undefined;
  let dedupeSeq: Uint8Array | undefined;
  let writerId: Uint8Array | undefined;
  for (const [name, value] of headers) {
    if (name[0] !== UNDERSCORE) continue;
    if (isSameName(name, DEDUPE_SEQ_HEADER_BYTES)) dedupeSeq ??= value;
    else if (isSameName(name, WRITER_ID_HEADER_BYTES)) writerId ??= value;
    else if (isSameName(name, FRAME_RECORDS_HEADER_BYTES)) frameRecords ??= value;
    else if (isSameName(name, FRAME_BYTES_HEADER_BYTES)) frameBytes ??= value;
  }
  return { frame: frameClaimFrom(frameRecords, frameBytes), dedupe: dedupeFrom(dedupeSeq, writerId) };
}

/** Whether a header is one of this format. */
export function isReservedHeader(name: Uint8Array): boolean {
  return name[0] === UNDERSCORE && RESERVED.some((reserved) => isSameName(name, reserved));
}

/** Whether two names are the same bytes. */
export function isSameName(name: Uint8Array, other: Uint8Array): boolean {
  if (name.length !== other.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (name[index] !== other[index]) return false;
  }
  return true;
}

function frameClaimFrom(
  records: Uint8Array | undefined,
  bytes: Uint8Array | undefined,
): ReservedHeaders["frame"] {
  if (records === undefined && bytes === undefined) return undefined;
  const claim = { records: records && tryDecodeU64(records), bytes: bytes && tryDecodeU64(bytes) };
  if (claim.records === undefined || claim.bytes === undefined) return "malformed";
  return { records: claim.records, bytes: claim.bytes };
}

function dedupeFrom(
  seqBytes: Uint8Array | undefined,
  writerId: Uint8Array | undefined,
): ReservedHeaders["dedupe"] {
  const seq = seqBytes && tryDecodeU64(seqBytes);
  if (seq === undefined) return undefined;
  if (writerId === undefined) return [LEGACY_WRITER_ID, seq];
  if (writerId.length > MAX_WRITER_ID_BYTES) return undefined;
  return [textOf(writerId), seq];
}

/** Ids are short and ASCII as a rule, where a loop is several times as fast as the decoder. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length > 32) return decoder.decode(bytes);
  let text = "";
  for (const byte of bytes) {
    if (byte >= 0x80) return decoder.decode(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}
