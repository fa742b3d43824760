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
