import { invalidArgument, show } from "../error/make.js";

/** What a batch is made of. */
export const BATCH_FIELDS: readonly string[] = ["records", "match_seq_num", "fencing_token"];

/**
 * Throws `INVALID_ARGUMENT` unless the value is an object without an option that is written in other letters or without
 * its underscores, as in another era of this API: a condition that is overlooked would let an append land unguarded.
 */
export function checkOptionNames(value: unknown, what: string, names: readonly string[]): void {
  if (typeof value !== "object" || value === null) {
    throw invalidArgument(`${what} must be an object, not ${show(value)}`);
  }
  for (const given of Object.keys(value)) {
    if (names.includes(given)) continue;
    const here = names.find((name) => lettersOf(name) === lettersOf(given));
    if (here !== undefined)
      throw invalidArgument(`${given} is not an option of ${what}: it is called ${here}`);
  }
}

/** The letters of a name alone. */
export function lettersOf(name: string): string {
  return name.replace(/_/g, "").toLowerCase();
}

/** What must not be in a record, in the letters of either era. */
export interface MisplacedConditions {
  readonly match_seq_num?: unknown;
  readonly fencing_token?: unknown;
  readonly matchSeqNum?: unknown;
  readonly fencingToken?: unknown;
}

/** Whether a condition was put into a record. */
export function hasCondition(record: object): boolean {
  const { match_seq_num, fencing_token, matchSeqNum, fencingToken } = record as MisplacedConditions;
  return (match_seq_num ?? fencing_token ?? matchSeqNum ?? fencingToken ?? undefined) !== undefined;
}

/**
 * Throws `INVALID_ARGUMENT` for a record with a condition in it, which would be overlooked and let it land unguarded,
 * and for what is no record but looks like an empty one: bytes, a list, a promise that was not awaited, an object whose
 * fields have other names.
 */
export function checkOddRecord(record: object, what: string): void {
  const prototype: unknown = Object.getPrototypeOf(record);
  // The plain objects of another realm have a prototype of their own.
  const isPlain = !prototype || !Object.getPrototypeOf(prototype);
  const foreign =
    NOT_IN_RECORDS.find((name) => (record as Readonly<Record<string, unknown>>)[name] !== undefined) ??
    (isPlain ? Object.keys(record).find((key) => !RECORD_FIELDS.has(key)) : undefined);
  if (isPlain && foreign === undefined) return;
  const instead = foreign === undefined ? `a ${nameOf(record)}` : `an object with ${show(foreign)}`;
  throw invalidArgument(`${what} must be an object with body, headers or timestamp, not ${instead}`);
}

const NOT_IN_RECORDS: readonly string[] = /* @__PURE__ */ BATCH_FIELDS.concat("matchSeqNum", "fencingToken");
const RECORD_FIELDS: ReadonlySet<string> = new Set(["body", "headers", "timestamp"]);

function nameOf(record: object): string {
  return Object.prototype.toString.call(record).slice("[object ".length, -1);
}
