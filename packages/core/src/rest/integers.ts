import { isJsonObject } from "../codec/json.js";
import { unsafeIntegerError } from "../codec/protocol-error.js";

/** Every field of a JSON answer that holds an integer; metrics have doubles. */
const INTEGER_FIELDS: ReadonlySet<string> = new Set(["seq_num", "timestamp", "age", "min_age_secs"]);

/**
 * Throws `UNSAFE_INTEGER` when an integer field holds a bigint, which is how the parser gives what no number can
 * hold. In a field that this version does not know, a bigint stays: it is exact, and nobody is typed against it.
 */
export function refuseUnsafeIntegers(value: unknown, path = ""): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      refuseUnsafeIntegers(item, `${path}[${index}]`);
    });
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const here = path === "" ? name : `${path}.${name}`;
      if (typeof member === "bigint" && INTEGER_FIELDS.has(name)) throw unsafeIntegerError(here, member);
      refuseUnsafeIntegers(member, here);
    }
  }
}

/** For metrics, whose values are doubles on the wire however many digits they are written with. */
export function doublesOnly<T>(value: T): T {
  return withDoubles(value) as T;
}

function withDoubles(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withDoubles);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withDoubles(member)]));
}
