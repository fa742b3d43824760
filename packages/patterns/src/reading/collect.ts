import type { S2RequestOptions } from "@s2-dev/streamstore";
import {
  invalidArgument,
  meteredBytes,
  type ReadRecord,
  type RecordFormat,
  S2Error,
} from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { type ReadAllArgs, readAll, type SessionSource } from "./read-all.js";

/** Bytes that are collected at most, unless said otherwise. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** What is looked at here; the session checks the others. */
const NAMES: OptionNames<Pick<CollectArgs, "maxBytes">> = { maxBytes: true };

/** What to collect, and how much at most. */
export interface CollectArgs<F extends RecordFormat = RecordFormat> extends ReadAllArgs<F> {
  /** Metered bytes that are kept in memory at most; more rejects with code `COLLECT_LIMIT`. Default 64 MiB. */
  maxBytes?: number | undefined;
}

/**
 * Everything up to the tail, as `readAll` reads it, in one array.
 * @throws S2Error `COLLECT_LIMIT` when that is more than `maxBytes`; its `data` is `{ seq_num }`, the first record that
 * did not fit. `count`, `bytes` and `until` cut the read without an error.
 */
export async function collect<F extends RecordFormat = "string">(
  stream: SessionSource,
  args: CollectArgs<F> = {},
  options?: S2RequestOptions,
): Promise<ReadRecord<F>[]> {
  checkOptions<object>(args, "collect", NAMES);
  const { maxBytes = DEFAULT_MAX_BYTES, ...rest } = args;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw invalidArgument(`maxBytes must be an integer from 0 to 2^53-1; got ${show(maxBytes)}`);
  }
  const collected: ReadRecord<F>[] = [];
  let bytes = 0;
  for await (const { records } of readAll<F>(stream, rest, options).batches()) {
    for (const record of records) {
      bytes += meteredBytes(record);
      if (bytes > maxBytes) throw collectLimit(maxBytes, record.seq_num);
      collected.push(record);
    }
  }
  return collected;
}

function collectLimit(maxBytes: number, seqNum: number): S2Error {
  return new S2Error({
    message: `The stream holds more than maxBytes (${maxBytes}); record ${seqNum} is the first that does not fit. Use readAll.`,
    code: "COLLECT_LIMIT",
    data: { seq_num: seqNum },
    sideEffect: "none",
    retryable: false,
  });
}
