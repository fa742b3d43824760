import { type AppendRecordInput, invalidArgument, utf8ByteLength } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { HEADER_METERED_OVERHEAD, RECORD_METERED_OVERHEAD } from "@s2-dev/streamstore-core/wire";

/** What a record counts towards the limits of a batch. */
export interface RecordSize {
  /** Metered bytes. */
  readonly metered: number;
  /** Bytes in the encoded batch. */
  readonly encoded: number;
}

/** A tag and the longest length or number that can follow it, in bytes. */
const LONGEST_VARINT_FIELD = 11;

/**
 * The size of a record, both ways, in one pass. Only what is needed to measure is checked: the encoder checks the rest.
 * @throws S2Error `INVALID_ARGUMENT` for what has no size.
 */
export function sizeOfRecord(record: AppendRecordInput, name: string): RecordSize {
  if (typeof record !== "object" || record === null) {
    throw invalidArgument(`${name} must be an object, not ${show(record)}`);
  }
  const { body, headers, timestamp } = record;
  const bodyBytes = body === undefined ? 0 : bytesOf(body, `${name}.body`);
  let metered = RECORD_METERED_OVERHEAD + bodyBytes;
  let encoded = fieldSize(bodyBytes);
  if (timestamp !== undefined && timestamp !== null) encoded += LONGEST_VARINT_FIELD;
  if (headers !== undefined) {
    for (const [headerName, value] of pairsOf(headers, name)) {
      const nameBytes = bytesOf(headerName, `a header's name of ${name}`);
      const valueBytes = bytesOf(value, `a header's value of ${name}`);
      metered += HEADER_METERED_OVERHEAD + nameBytes + valueBytes;
      encoded += fieldSize(fieldSize(nameBytes) + fieldSize(valueBytes), true);
    }
  }
  return { metered, encoded: fieldSize(encoded, true) };
}

function pairsOf(
  headers: NonNullable<AppendRecordInput["headers"]>,
  name: string,
): Iterable<readonly [string | Uint8Array, string | Uint8Array]> {
  if (Array.isArray(headers)) return headers;
  if (typeof headers !== "object" || headers === null) {
    throw invalidArgument(
      `${name}.headers must be an array of pairs or a plain object, not ${show(headers)}`,
    );
  }
  return Object.entries(headers);
}

function bytesOf(data: string | Uint8Array, name: string): number {
  if (typeof data === "string") return utf8ByteLength(data);
  if (typeof data === "object" && data !== null && typeof data.byteLength === "number")
    return data.byteLength;
  throw invalidArgument(`${name} must be a string or a Uint8Array, not ${show(data)}`);
}

/** A field of so many bytes with its tag and length; an empty one is left out unless it is a message. */
function fieldSize(bytes: number, isMessage = false): number {
  if (bytes === 0 && !isMessage) return 0;
  let length = 1;
  for (let rest = bytes; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return 1 + length + bytes;
}
