import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/client";

/** Checks a value that somebody has given. @throws S2Error that names the place, the value and the limit. */
export type Check = (value: unknown, where: string) => void;

export const text: Check = (value, where) => expect(typeof value === "string", where, "a string", value);
export const flag: Check = (value, where) =>
  expect(typeof value === "boolean", where, "true or false", value);
export const callback: Check = (value, where) =>
  expect(typeof value === "function", where, "a function", value);
export const filledText: Check = (value, where) =>
  expect(typeof value === "string" && value !== "", where, "a string that is not empty", value);
export const anything: Check = () => undefined;

export function integer(from: number, to: number = Number.MAX_SAFE_INTEGER): Check {
  const limit = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`;
  return (value, where) => {
    const isWithin = Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
    expect(isWithin, where, `a whole number ${limit}`, value);
  };
}

export function oneOf(...words: readonly string[]): Check {
  return (value, where) =>
    expect(words.includes(value as string), where, `one of ${words.join(", ")}`, value);
}

export function nullable(check: Check): Check {
  return (value, where) => {
    if (value !== null) check(value, where);
  };
}

/** An object with no other members than these; what is `undefined` counts as absent. */
export function shape(members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, where) => {
    expect(isObject(value), where, "an object", value);
    for (const key of required) expect(value[key] !== undefined, memberOf(where, key), "present");
    for (const [key, member] of Object.entries(value)) {
      const check = Object.hasOwn(members, key) ? members[key] : undefined;
      const known = `one of the known keys (${Object.keys(members).join(", ")})`;
      expect(check !== undefined, memberOf(where, key), known);
      if (member !== undefined) check(member, memberOf(where, key));
    }
  };
}

export function list(item: Check): Check {
  return (value, where) => {
    expect(Array.isArray(value), where, "a list", value);
    for (const [index, entry] of value.entries()) item(entry, `${where}[${index}]`);
  };
}

/** A list of objects whose names differ. */
export function uniqueList(item: Check): Check {
  return (value, where) => {
    list(item)(value, where);
    const seen = new Set<unknown>();
    for (const [index, { name }] of (value as { name: unknown }[]).entries()) {
      expect(!seen.has(name), `${where}[${index}].name`, `unique, and ${show(name)} is there twice`);
      seen.add(name);
    }
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws S2Error unless the condition holds; it says what was given, if that is given here, too. */
export function expect(condition: boolean, where: string, what: string, got?: unknown): asserts condition {
  if (!condition)
    throw invalidArgument(`${where} must be ${what}${got === undefined ? "" : `; got ${show(got)}`}`);
}

function memberOf(where: string, key: string): string {
  return where === "" ? key : `${where}.${key}`;
}
