import type * as core from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/client";
import { invalidArgument } from "./errors.js";

/** A place in a stream. */
export interface StreamPosition {
  /** Sequence number. */
  readonly seqNum: number;
  /** Time of the record. */
  readonly timestamp: Date;
}

/** What the service answers to an append once it is durable. */
export interface AppendAck {
  /** The position of its first record. */
  readonly start: StreamPosition;
  /** The position behind the last record of the batch. */
  readonly end: StreamPosition;
  /** The stream's tail, others' records included. */
  readonly tail: StreamPosition;
}

/** Where the next record will be. */
export interface TailResponse {
  /** Where the next record goes, and the time of the last one. */
  readonly tail: StreamPosition;
}

/** One acknowledgement is shared by the records of its batch, and so is what it is converted to. */
const ACKS = new WeakMap<core.AppendAck, AppendAck>();

export function positionFromWire({ seq_num, timestamp }: core.StreamPosition): StreamPosition {
  return { seqNum: seq_num, timestamp: new Date(timestamp) };
}

export function maybePosition(position: core.StreamPosition | undefined): StreamPosition | undefined {
  return position === undefined ? undefined : positionFromWire(position);
}

export function positionToWire({ seqNum, timestamp }: StreamPosition): core.StreamPosition {
  return { seq_num: seqNum, timestamp: timestamp.getTime() };
}

export function ackFromWire(ack: core.AppendAck): AppendAck {
  let converted = ACKS.get(ack);
  if (converted === undefined) {
    converted = {
      start: positionFromWire(ack.start),
      end: positionFromWire(ack.end),
      tail: positionFromWire(ack.tail),
    };
    ACKS.set(ack, converted);
  }
  return converted;
}

export function ackToWire({ start, end, tail }: AppendAck): core.AppendAck {
  return { start: positionToWire(start), end: positionToWire(end), tail: positionToWire(tail) };
}

/** Milliseconds since the epoch; throws `INVALID_ARGUMENT` for what is neither. */
export function millisOf(time: number | Date, field: string): number {
  if (isDate(time)) return time.getTime();
  if (typeof time === "number") return time;
  throw invalidArgument(`${field} must be a Date or a number of milliseconds; got ${show(time)}`);
}

/** By tag and not by class, so that a date of another realm (a test runner's, a frame's) is one. */
export function isDate(value: unknown): value is Date {
  return (
    typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Date]"
  );
}
