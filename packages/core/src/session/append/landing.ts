import { mayRepeatAppend } from "../../retry/may-repeat.js";
import type { AppendRetryPolicy } from "../../retry/settings.js";
import type { Fifo } from "../../util/fifo.js";
import type { PendingBatch } from "./pending.js";

/** Notes that the oldest so many batches may have reached the server. */
export function markLanded(entries: Fifo<PendingBatch>, started: number): void {
  for (let index = 0; index < started; index += 1) {
    (entries.at(index) as PendingBatch).mayHaveLanded = true;
  }
}

/** Whether any of them may have landed, as far as that has been noted. */
export function mayAnyHaveLanded(entries: Fifo<PendingBatch>): boolean {
  for (const pending of entries) if (pending.mayHaveLanded) return true;
  return false;
}

/**
 * Under `noSideEffects`, whatever may have landed must not be able to land twice: on an earlier link, or, of the oldest
 * `started` batches, on the current one.
 */
export function areRepeatable(
  entries: Fifo<PendingBatch>,
  started: number,
  policy: AppendRetryPolicy,
): boolean {
  if (policy === "all") return true;
  let index = 0;
  for (const pending of entries) {
    const mayHaveLanded = pending.mayHaveLanded || index < started;
    if (!mayRepeatAppend(policy, pending.batch, mayHaveLanded)) return false;
    index += 1;
  }
  return true;
}
