import type { ProtoReader } from "./proto-reader.js";
import { skipUnknown } from "./proto-reader.js";
import { type Slab, varint64Size, varintSize } from "./slab.js";
import type { U64, WirePosition } from "./wire-types.js";

export const TAG_SEQ_NUM = 0x08;
export const TAG_TIMESTAMP = 0x10;

/** Bytes of a position with its tag and length, at most. */
export const MAX_POSITION_BYTES = 24;

/** Reads a nested `StreamPosition`; of a repeated one the fields add up, as protobuf has it. */
export function readPosition(reader: ProtoReader, before?: WirePosition): WirePosition {
  const outer = reader.enter();
  let seqNum: U64 = before?.seq_num ?? 0;
  let timestamp: U64 = before?.timestamp ?? 0;
  while (reader.pos < reader.end) {
    const key = reader.key();
    if (key === TAG_SEQ_NUM) seqNum = reader.u64();
    else if (key === TAG_TIMESTAMP) timestamp = reader.u64();
    else skipUnknown(reader, key, 2);
  }
  reader.leave(outer);
  return { seq_num: seqNum, timestamp };
}

/** Bytes of a position's fields; a zero is not written. */
export function positionSize(position: WirePosition): number {
  return fieldSize(position.seq_num) + fieldSize(position.timestamp);
}

/** Writes a nested position; there must be room for `MAX_POSITION_BYTES`. */
export function writePosition(slab: Slab, tag: number, position: WirePosition): void {
  slab.bytes[slab.pos++] = tag;
  slab.varint(positionSize(position));
  writePositionFields(slab, position);
}

/** Writes the two fields of a position, or of a record that starts with them. */
export function writePositionFields(slab: Slab, position: WirePosition): void {
  writeU64Field(slab, TAG_SEQ_NUM, position.seq_num);
  writeU64Field(slab, TAG_TIMESTAMP, position.timestamp);
}

function writeU64Field(slab: Slab, tag: number, value: U64): void {
  if (value === 0 || value === 0n) return;
  slab.bytes[slab.pos++] = tag;
  if (typeof value === "number") slab.varint(value);
  else slab.varint64(value);
}

function fieldSize(value: U64): number {
  if (value === 0 || value === 0n) return 0;
  return 1 + (typeof value === "number" && value < 0x1000_0000 ? varintSize(value) : varint64Size(value));
}
