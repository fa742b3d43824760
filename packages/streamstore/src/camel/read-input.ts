import type * as core from "@s2-dev/streamstore-core";
import { type StreamConfig, streamConfigToWire } from "./configs.js";
import { checkInput, checkOptional } from "./errors.js";
import { millisOf, positionFromWire, type StreamPosition } from "./positions.js";

/** Where to start: one of these. */
export type ReadFrom =
  | { readonly seqNum: number }
  | { readonly timestamp: number | Date }
  | { readonly tailOffset: number };

/** Where a read starts. */
export interface ReadStart {
  /** Default: the tail. */
  readonly from?: ReadFrom | undefined;
  /** Start at the tail when the start lies beyond it. Default false. */
  readonly clamp?: boolean | undefined;
}

/** How many records, or how many metered bytes, are read at most. Default: no limit of its own. */
export interface ReadLimits {
  /** Most records. */
  readonly count?: number | undefined;
  /** Most metered bytes. */
  readonly bytes?: number | undefined;
}

/** When a read ends. Without any of these a session follows the stream. */
export interface ReadStop {
  /** Most records or bytes. */
  readonly limits?: ReadLimits | undefined;
  /** Exclusive. */
  readonly untilTimestamp?: number | Date | undefined;
  /** Whole seconds to wait for records at the tail; fractions are rounded down. */
  readonly waitSecs?: number | undefined;
}

/** What to read. */
export interface ReadInput {
  /** Where to begin. Default: at the tail. */
  readonly start?: ReadStart | undefined;
  /** Where to end. Default: never, in a session. */
  readonly stop?: ReadStop | undefined;
  /** Leave out command records on this side. Default false. */
  readonly ignoreCommandRecords?: boolean | undefined;
  /** Configuration of the stream, in case the read creates it. */
  readonly streamConfig?: StreamConfig | undefined;
}

/** Headers of a record that was read, in order, in the chosen format. */
export type ReadHeaders<Format extends "string" | "bytes" = "string"> = Format extends "string"
  ? [string, string][]
  : [Uint8Array, Uint8Array][];

/** A record that was read. `headers` has all of them in order, and is empty when there are none. */
export interface ReadRecord<Format extends "string" | "bytes" = "string"> {
  /** Its place in the stream. */
  readonly seqNum: number;
  /** The content, as text or bytes. */
  readonly body: Format extends "string" ? string : Uint8Array;
  /** Names and values. */
  readonly headers: Format extends "string"
    ? ReadonlyArray<readonly [string, string]>
    : ReadonlyArray<readonly [Uint8Array, Uint8Array]>;
  /** Time of the record. */
  readonly timestamp: Date;
}

/** What a unary read answers, and one batch of a read session; with `tail` it came from the live end. */
export interface ReadBatch<Format extends "string" | "bytes" = "string"> {
  /** The records, in order. */
  readonly records: ReadonlyArray<ReadRecord<Format>>;
  /** The stream's tail, where the server has said it. */
  readonly tail?: StreamPosition;
}

/** Where a read starts; of two, the earlier in this list counts, as in 0.27. */
function startToWire(from: ReadFrom | undefined): core.ReadArgs {
  if (from === undefined) return {};
  checkInput(from, "start.from");
  if ("seqNum" in from && from.seqNum !== undefined) return { seq_num: from.seqNum };
  if ("timestamp" in from && from.timestamp !== undefined)
    return { timestamp: millisOf(from.timestamp, "start.from.timestamp") };
  if ("tailOffset" in from && from.tailOffset !== undefined) return { tail_offset: from.tailOffset };
  return {};
}

/** A read as the engine takes it. */
export function readArgsFrom<F extends "string" | "bytes">(
  input: ReadInput | undefined,
  as: F | undefined,
): core.ReadArgs<F> {
  checkOptional(input, "what to read");
  const { start, stop, ignoreCommandRecords, streamConfig } = input ?? {};
  checkOptional(start, "start");
  checkOptional(stop, "stop");
  const { limits, untilTimestamp, waitSecs } = stop ?? {};
  checkOptional(limits, "stop.limits");
  const args: core.ReadArgs<F> = {
    ...(startToWire(start?.from) as core.ReadArgs<F>),
    clamp: start?.clamp,
    count: limits?.count,
    bytes: limits?.bytes,
    until: untilTimestamp === undefined ? undefined : millisOf(untilTimestamp, "stop.untilTimestamp"),
    wait: typeof waitSecs === "number" ? Math.floor(waitSecs) : waitSecs,
    ignoreCommandRecords,
    as,
  };
  if (streamConfig !== undefined) args.streamConfig = streamConfigToWire(streamConfig);
  return args;
}

/** One pass over a batch: an object and a `Date` a record; bodies and headers stay as they are. */
export function recordsFromWire<F extends "string" | "bytes">(
  records: readonly core.ReadRecord<F>[],
): ReadRecord<F>[] {
  return records.map(({ seq_num, timestamp, body, headerList }) => ({
    seqNum: seq_num,
    timestamp: new Date(timestamp),
    // What F stands for, the compiler does not follow into these two.
    body: body as ReadRecord<F>["body"],
    headers: headerList as unknown as ReadRecord<F>["headers"],
  }));
}

export function batchFromWire<F extends "string" | "bytes">(batch: core.ReadBatch<F>): ReadBatch<F> {
  const records = recordsFromWire<F>(batch.records);
  return batch.tail === undefined ? { records } : { records, tail: positionFromWire(batch.tail) };
}
