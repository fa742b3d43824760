import type { S2RequestOptions } from "@s2-dev/streamstore";
import {
  invalidArgument,
  isCommandRecord,
  type ReadArgs,
  type ReadRecord,
  type RecordFormat,
} from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { openToTail, type SessionSource } from "./read-all.js";

/** How the last records are given. */
export interface ReadLastArgs<F extends RecordFormat = RecordFormat>
  extends Pick<ReadArgs<F>, "as" | "unsafeTimestamps"> {
  /** Count and give only records that are no commands (fence, trim). Default false. */
  ignoreCommandRecords?: boolean | undefined;
}

const NAMES: OptionNames<ReadLastArgs> = { as: true, unsafeTimestamps: true, ignoreCommandRecords: true };

/** How much further back each look goes when commands were in the way. */
const WIDEN = 4;

/**
 * The last `n` records, oldest first. A stream that is shorter, empty or trimmed gives what it has. With
 * `ignoreCommandRecords` it looks further back for each command that it leaves out.
 * @throws S2Error `INVALID_ARGUMENT` unless `n` is an integer of at least 0.
 */
export async function readLast<F extends RecordFormat = "string">(
  stream: SessionSource,
  n: number,
  args: ReadLastArgs<F> = {},
  options?: S2RequestOptions,
): Promise<ReadRecord<F>[]> {
  if (!Number.isSafeInteger(n) || n < 0) {
    throw invalidArgument(`n must be an integer from 0 to 2^53-1; got ${show(n)}`);
  }
  checkOptions(args, "readLast", NAMES);
  const { ignoreCommandRecords = false, ...format } = args;
  if (n === 0) return [];
  for (let depth = n; ; depth = Math.min(depth * WIDEN, Number.MAX_SAFE_INTEGER)) {
    const { last, seen } = await lastOf<F>(stream, n, depth, format, ignoreCommandRecords, options);
    // Fewer than were asked for: the look went back to the first record there is.
    if (last.length === n || seen < depth) return last;
  }
}

/** The last `n` that count among the last `depth`, and how many were looked at. */
async function lastOf<F extends RecordFormat>(
  stream: SessionSource,
  n: number,
  depth: number,
  format: Omit<ReadLastArgs<F>, "ignoreCommandRecords">,
  ignoreCommandRecords: boolean,
  options: S2RequestOptions | undefined,
): Promise<{ last: ReadRecord<F>[]; seen: number }> {
  // Counted, so that records appended meanwhile do not come on top.
  const session = await openToTail<F>(stream, { ...format, tail_offset: depth, count: depth }, options);
  let last: ReadRecord<F>[] = [];
  let seen = 0;
  if (session === undefined) return { last, seen };
  for await (const { records } of session.batches()) {
    seen += records.length;
    const counted = ignoreCommandRecords ? records.filter((record) => !isCommandRecord(record)) : records;
    last = last.concat(counted).slice(-n);
  }
  return { last, seen };
}
