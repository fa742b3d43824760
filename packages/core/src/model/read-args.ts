import { checkBoolean, checkInteger, refused } from "./checks.js";
import { isCommandRecord } from "./command.js";
import type { StreamConfig } from "./configs.js";
import type { ReadFormat, RecordFormat, UnsafeTimestamps } from "./record.js";
import type { ReadQuery } from "./records-on-wire.js";
import { checkOptionNames } from "./shapes.js";

/**
 * What to read, and how. At most one of `seq_num`, `timestamp` and `tail_offset` says where to start; with none of
 * them the service starts at the tail. A variable of this type names its format, or what is read may be either:
 * `const args: ReadArgs<"string"> = { seq_num: 0 }`, or `"bytes"` with `as: "bytes"`.
 * @see https://s2.dev/docs/api/records/read
 */
export interface ReadArgs<F extends RecordFormat = RecordFormat> {
  /** Start at this sequence number. */
  seq_num?: number | undefined;
  /** Start at the first record of this timestamp or a later one. */
  timestamp?: number | undefined;
  /** Start this many records before the tail. */
  tail_offset?: number | undefined;
  /** Start at the tail when the start lies beyond it, instead of failing with 416. Default false. */
  clamp?: boolean | undefined;
  /** Most records. A unary read gives at most 1000. */
  count?: number | undefined;
  /** Most metered bytes. A unary read gives at most 1 MiB. */
  bytes?: number | undefined;
  /** Timestamp at which to stop, exclusive. */
  until?: number | undefined;
  /** Seconds to wait for records at the tail; fractions are rounded up. A unary read waits at most 60. */
  wait?: number | undefined;
  /**
   * Leave out command records (fence, trim) on this side. They still count in `count`, `bytes` and positions, so a
   * unary read can come back empty. Default false.
   */
  ignoreCommandRecords?: boolean | undefined;
  /** Record data as text (default) or as bytes. */
  as?: F | undefined;
  /** Configuration of the stream, in case this read creates it (`create_stream_on_read` of the basin). */
  streamConfig?: StreamConfig | undefined;
  /** What to do with a timestamp beyond 2^53-1: fail with `UNSAFE_INTEGER` (default), or give `Number.MAX_SAFE_INTEGER`. */
  unsafeTimestamps?: UnsafeTimestamps | undefined;
}

const STARTS = ["seq_num", "timestamp", "tail_offset"] as const;
// Written out: what is spread stays in bundles that use none of it.
const INTEGERS = ["seq_num", "timestamp", "tail_offset", "count", "bytes", "until"] as const;
const MAX_WAIT_SECONDS = 0xffff_ffff;

/** The query of a read, with only what was given: zero is a value. Throws `INVALID_ARGUMENT`. */
export function readQuery(args: ReadArgs): ReadQuery {
  checkOptionNames(args, "a read", INTEGERS);
  const query: ReadQuery = {};
  for (const name of INTEGERS) {
    const value = args[name];
    if (value === undefined) continue;
    checkInteger(value, name);
    query[name] = value;
  }
  checkOneStart(query);
  if (args.clamp !== undefined) {
    checkBoolean(args.clamp, "clamp");
    query.clamp = args.clamp;
  }
  if (args.wait !== undefined) query.wait = wholeSeconds(args.wait);
  if (query.timestamp !== undefined && query.until !== undefined && query.timestamp >= query.until) {
    throw refused("timestamp", `be less than until (${query.until})`, query.timestamp);
  }
  return query;
}

/** What a reader leaves out, if anything. Throws `INVALID_ARGUMENT`. */
export function readSkips(args: ReadArgs): typeof isCommandRecord | undefined {
  const { ignoreCommandRecords } = args;
  if (ignoreCommandRecords === undefined) return undefined;
  checkBoolean(ignoreCommandRecords, "ignoreCommandRecords");
  return ignoreCommandRecords ? isCommandRecord : undefined;
}

/** How the reader wants its records; default text, unsafe timestamps an error. Throws `INVALID_ARGUMENT`. */
export function readFormat<F extends RecordFormat = "string">(args: ReadArgs<F>): ReadFormat<F> {
  const as: RecordFormat = args.as ?? "string";
  if (as !== "string" && as !== "bytes") throw refused("as", 'be "string" or "bytes"', as);
  const unsafeTimestamps = args.unsafeTimestamps ?? "error";
  if (unsafeTimestamps !== "error" && unsafeTimestamps !== "saturate") {
    throw refused("unsafeTimestamps", 'be "error" or "saturate"', unsafeTimestamps);
  }
  return { as: as as F, unsafeTimestamps };
}

function checkOneStart(query: ReadQuery): void {
  const given = STARTS.filter((name) => query[name] !== undefined);
  if (given.length < 2) return;
  const values = given.map((name) => `${name} ${query[name]}`).join(" and ");
  throw refused("the start of a read", "be at most one of seq_num, timestamp and tail_offset", values);
}

/** The wire has whole seconds; waiting less than asked would be the surprise. */
function wholeSeconds(wait: unknown): number {
  if (typeof wait !== "number" || !Number.isFinite(wait) || wait < 0 || wait > MAX_WAIT_SECONDS) {
    throw refused("wait", `be a number of seconds from 0 to ${MAX_WAIT_SECONDS}`, wait);
  }
  return Math.ceil(wait);
}
