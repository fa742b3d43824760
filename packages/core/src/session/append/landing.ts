import { mayRepeatAppend } from "../../retry/may-repeat.js";
import type { AppendRetryPolicy } from "../../retry/settings.js";
import type { Fifo } from "../../util/fifo.js";
import type { PendingBatch } from "./pending.js";

/** Notes that the oldest `started` batches may have reached the server. */
export function markLanded(unsettled: Fifo<PendingBatch>, started: number): void {
  for (let index = 0; index < started; index += 1) {
    (unsettled.at(index) as PendingBatch).mayHaveLanded = true;
  }
}

/** Whether any may have landed, as far as that has been noted. */
export function mayAnyHaveLanded(unsettled: Iterable<PendingBatch>): boolean {
  return [...unsettled].some((pending) => pending.mayHaveLanded);
}

/**
 * Under `noSideEffects`, whatever may have landed must not be able to land twice: on an earlier link, or, of the oldest
 * `started`, on the current one.
 */
export function areRepeatable(
  unsettled: Iterable<PendingBatch>,
  policy: AppendRetryPolicy,
  started: number,
): boolean {
  return [...unsettled].every((pending, index) =>
    mayRepeatAppend(policy, pending.batch, pending.mayHaveLanded || index < started),
  );
}
