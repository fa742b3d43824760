import { FRAME_HEAD_BYTES } from "../model/limits.js";
import type { AppendAck, StreamPosition } from "../model/position.js";
import { EMPTY_BYTES } from "../util/empty-bytes.js";
import { CodecError } from "./codec-error.js";
import { writeFrameHead } from "./frame-head.js";
import { MAX_POSITION_BYTES, readPosition, writePosition } from "./positions.js";
import { ProtoReader, skipUnknown } from "./proto-reader.js";
import { protocolError, unsafeIntegerError } from "./protocol-error.js";
import { Slab } from "./slab.js";
import type { WireAppendAck, WirePosition } from "./wire-types.js";

const TAG_START = 0x0a;
const TAG_END = 0x12;
const TAG_TAIL = 0x1a;

const slab = /* @__PURE__ */ new Slab();
/** One for all acks, since there may be one for each record appended. */
const reader = /* @__PURE__ */ new ProtoReader(EMPTY_BYTES);

/** Encodes an `AppendAck` as a server sends it. */
export function encodeAppendAck(ack: WireAppendAck): Uint8Array {
  slab.reserve(3 * MAX_POSITION_BYTES);
  writeAck(ack);
  return slab.cut();
}

/** The same as a whole session frame. */
export function encodeAppendAckFrame(ack: WireAppendAck): Uint8Array {
  slab.reserve(FRAME_HEAD_BYTES + 3 * MAX_POSITION_BYTES);
  slab.pos += FRAME_HEAD_BYTES;
  writeAck(ack);
  writeFrameHead(slab.bytes, slab.start, slab.pos - slab.start - FRAME_HEAD_BYTES);
  return slab.cut();
}

function writeAck(ack: WireAppendAck): void {
  writePosition(slab, TAG_START, ack.start);
  writePosition(slab, TAG_END, ack.end);
  writePosition(slab, TAG_TAIL, ack.tail);
}

/**
 * Decodes the `AppendAck` of a payload. A timestamp beyond 2^53-1 is given as `Number.MAX_SAFE_INTEGER`: the records
 * are stored, and an error here would say that they are not.
 * @throws S2Error `PROTOCOL_ERROR` when the payload is malformed or a position is missing, `UNSAFE_INTEGER` for a
 * sequence number beyond 2^53-1.
 */
export function decodeAppendAck(payload: Uint8Array): AppendAck {
  let start: WirePosition | undefined;
  let end: WirePosition | undefined;
  let tail: WirePosition | undefined;
  try {
    reader.moveTo(payload, 0);
    while (reader.pos < reader.end) {
      const key = reader.key();
      if (key === TAG_START) start = readPosition(reader, start);
      else if (key === TAG_END) end = readPosition(reader, end);
      else if (key === TAG_TAIL) tail = readPosition(reader, tail);
      else skipUnknown(reader, key, 3);
    }
  } catch (error) {
    if (error instanceof CodecError)
      throw protocolError(`An append was answered with something else: ${error.message}`, error);
    throw error;
  } finally {
    reader.moveTo(EMPTY_BYTES, 0);
  }
  if (start === undefined || end === undefined || tail === undefined) {
    throw protocolError("An append was answered without the positions of its records");
  }
  return ackFromWire({ start, end, tail });
}

/** An ack in numbers. Timestamps saturate, see `decodeAppendAck`. */
export function ackFromWire(ack: WireAppendAck): AppendAck {
  return {
    start: positionFromWire(ack.start, "start"),
    end: positionFromWire(ack.end, "end"),
    tail: positionFromWire(ack.tail, "tail"),
  };
}

function positionFromWire(position: WirePosition, what: string): StreamPosition {
  const { seq_num: seqNum, timestamp } = position;
  if (typeof seqNum === "bigint")
    throw unsafeIntegerError(`${what}.seq_num of an append's acknowledgement`, seqNum);
  // Not a copy where it is one already: acks are the most numerous objects of a writer of small batches.
  if (typeof timestamp === "number") return position as StreamPosition;
  return { seq_num: seqNum, timestamp: Number.MAX_SAFE_INTEGER };
}
