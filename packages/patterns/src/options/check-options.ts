import { invalidArgument } from "@s2-dev/streamstore-core";
import { checkObject, lettersOf } from "@s2-dev/streamstore-core/transport";

/** Every option that `T` has: one that is forgotten does not compile. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/**
 * Throws `INVALID_ARGUMENT` unless options are an object without one that is written in other letters than ours, or with
 * another unit or none: `maxbytes`, `ttl_millis`, `heartbeatMs`. It would be overlooked. What resembles nothing passes:
 * options of a later version, and what a program keeps beside its own.
 */
export function checkOptions<T extends object>(options: T, what: string, names: OptionNames<T>): void {
  checkObject(options, `the options of ${what}`);
  for (const [given, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(names, given)) continue;
    const meant = Object.keys(names).find((name) => stemOf(name) === stemOf(given));
    if (meant === undefined) continue;
    const advice = unitOf(meant) === unitOf(given) ? "" : ", whose unit is its own";
    throw invalidArgument(`${given} is not an option of ${what}: it is called ${meant}${advice}`);
  }
}

const UNIT = /(ms|millis|milliseconds|secs|seconds)$/;

/** The letters of a name, but for its unit. */
function stemOf(name: string): string {
  return lettersOf(name).replace(UNIT, "");
}

/** Milliseconds, seconds or none, by the first letter. */
function unitOf(name: string): string | undefined {
  return UNIT.exec(lettersOf(name))?.[0].at(0);
}
