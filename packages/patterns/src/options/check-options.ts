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
  for (const given of Object.keys(options)) {
    if (Object.hasOwn(names, given)) continue;
    const meant = Object.keys(names).find((name) => stemOf(name) === stemOf(given));
    if (meant === undefined) continue;
    throw invalidArgument(`${given} is not an option of ${what}: it is called ${meant}`);
  }
}

/** The letters of a name, but for its unit. */
function stemOf(name: string): string {
  return lettersOf(name).replace(/(ms|millis|milliseconds|secs|seconds)$/, "");
}
