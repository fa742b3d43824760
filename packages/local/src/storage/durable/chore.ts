import type { U64 } from "../u64.js";
import { decodeRow, encodeRow } from "./durable-table.js";

/**
 * What is still to be done for a log. It is written along with what makes it necessary, so that a process which is
 * killed in between leaves no space behind.
 */
export type Chore = { readonly kind: "drop" } | { readonly kind: "trim"; readonly before: U64 };

export const DROP: Uint8Array = encodeRow({ kind: "drop" } satisfies Chore);

export function encodeTrim(before: U64): Uint8Array {
  return encodeRow({ kind: "trim", before } satisfies Chore);
}

export function decodeChore(value: Uint8Array): Chore {
  return decodeRow<Chore>(value);
}
