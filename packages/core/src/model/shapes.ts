import { invalidArgument, show } from "../error/make.js";

/** How options are called in another era of this API, and here. */
const OTHER_SPELLINGS: readonly (readonly [string, string])[] = [
  ["matchSeqNum", "match_seq_num"],
  ["fencingToken", "fencing_token"],
  ["seqNum", "seq_num"],
  ["tailOffset", "tail_offset"],
];

/**
 * Throws `INVALID_ARGUMENT` unless the value is an object without an option that is spelt otherwise here: a condition
 * that is overlooked would let an append land unguarded.
 */
export function checkOptionNames(value: unknown, what: string): void {
  if (typeof value !== "object" || value === null) {
    throw invalidArgument(`${what} must be an object, not ${show(value)}`);
  }
  for (const [other, here] of OTHER_SPELLINGS) {
    if (other in value) throw invalidArgument(`${other} is not an option of ${what}: it is called ${here}`);
  }
}

/**
 * Throws `INVALID_ARGUMENT` for what is no record but looks like an empty one: bytes, a list, a promise that was not
 * awaited, an object whose fields have other names.
 */
export function checkEmptyRecord(record: object, what: string): void {
  const prototype: unknown = Object.getPrototypeOf(record);
  const isPlain = prototype === Object.prototype || prototype === null;
  const foreign = isPlain ? Object.keys(record).find((key) => !RECORD_FIELDS.has(key)) : undefined;
  if (isPlain && foreign === undefined) return;
  const instead = isPlain ? `an object with ${show(foreign)}` : `a ${nameOf(record)}`;
  throw invalidArgument(`${what} must be an object with body, headers or timestamp, not ${instead}`);
}

const RECORD_FIELDS: ReadonlySet<string> = new Set(["body", "headers", "timestamp"]);

function nameOf(record: object): string {
  return Object.prototype.toString.call(record).slice("[object ".length, -1);
}
