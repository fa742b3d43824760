import { checkInput, invalidArgument } from "./errors.js";
import { millisOf } from "./positions.js";

/** A field of a shape: its name on the wire, and how its value is converted where it is not just kept. */
export interface Field {
  readonly wire: string;
  readonly toWire?: (value: never, name: string) => unknown;
  readonly fromWire?: (value: never) => unknown;
}

/** The known fields of a shape, by their names here. What a shape does not know is left out. */
export type Fields = Readonly<Record<string, Field>>;

/** A field of another name on the wire; with the fields of its value, if those have others too. */
export function renamed(wire: string, fields?: Fields): Field {
  if (fields === undefined) return { wire };
  return {
    wire,
    toWire: (value: object, name: string) => toWire(fields, value, name),
    fromWire: (value: object) => fromWire(fields, value),
  };
}

const MAX_DATE = 8.64e15;

/** A field that is a `Date` here and RFC 3339 on the wire. */
export function dated(wire: string): Field {
  return {
    wire,
    toWire: (value: Date | number | string, name: string) => {
      if (typeof value === "string") return value;
      const time = millisOf(value, name);
      // ECMAScript's dates end 8.64e15 ms from the epoch.
      if (!(Math.abs(time) <= MAX_DATE)) throw invalidArgument(`${name} must be a valid date; got ${time}`);
      return new Date(time).toISOString();
    },
    fromWire: (value: string) => new Date(value),
  };
}

/**
 * Its known fields with their names on the wire; `null` is kept, `undefined` is left out. Throws `INVALID_ARGUMENT`
 * naming what is no object.
 */
export function toWire<T>(fields: Fields, value: object, what = "args"): T {
  checkInput(value, what);
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const { toWire: convert } = field;
    const toField = convert && ((given: never): unknown => convert(given, name));
    set(result, field.wire, (value as Record<string, unknown>)[name], toField);
  }
  return result as T;
}

/** Its known fields with their names here; `null` is kept, `undefined` is left out. */
export function fromWire<T>(fields: Fields, value: object): T {
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    set(result, name, (value as Record<string, unknown>)[field.wire], field.fromWire);
  }
  return result as T;
}

function set(
  result: Record<string, unknown>,
  name: string,
  value: unknown,
  convert: ((value: never) => unknown) | undefined,
): void {
  if (value === undefined) return;
  result[name] = value === null || convert === undefined ? value : convert(value as never);
}
