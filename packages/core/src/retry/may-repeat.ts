import type { AppendRetryPolicy } from "./settings.js";

/**
 * Whether an append may be sent a second time, for calls and sessions alike: under `noSideEffects` only when its first
 * copy cannot have landed, or when `match_seq_num` keeps a second one from landing.
 */
export function mayRepeatAppend(
  policy: AppendRetryPolicy,
  batch: { readonly conditional: boolean },
  mayHaveLanded: boolean,
): boolean {
  return policy === "all" || !mayHaveLanded || batch.conditional;
}
