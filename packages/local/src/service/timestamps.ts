import type { U64 } from "../storage/u64.js";
import type { AppendRecord } from "./append-input.js";
import type { TimestampingMode } from "./configs.js";
import { invalid } from "./errors.js";

/** How a stream makes timestamps. */
export interface TimestampRules {
  readonly mode: TimestampingMode;
  readonly uncapped: boolean;
}

/**
 * The timestamps of a batch: the client's or the arrival's, not beyond arrival unless uncapped, never going back.
 * All records share one reading of the arrival.
 * @throws ServiceError 422 when the stream requires a timestamp and a record has none.
 */
export function assignTimestamps(
  records: readonly AppendRecord[],
  rules: TimestampRules,
  arrival: number,
  latest: U64,
): U64[] {
  const timestamps = new Array<U64>(records.length);
  let maximum = latest;
  for (let index = 0; index < records.length; index += 1) {
    const given = (records[index] as AppendRecord).timestamp;
    if (given === undefined && rules.mode === "client-require") {
      throw invalid("record timestamp was required but was missing");
    }
    let timestamp: U64 = given === undefined || rules.mode === "arrival" ? arrival : given;
    if (!rules.uncapped && timestamp > arrival) timestamp = arrival;
    if (timestamp < maximum) timestamp = maximum;
    else maximum = timestamp;
    timestamps[index] = timestamp;
  }
  return timestamps;
}
