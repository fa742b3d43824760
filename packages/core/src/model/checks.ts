import { invalidArgument, show } from "../error/make.js";
import type { S2Error } from "../error/s2-error.js";
import { MAX_TIMER } from "../util/clock.js";

/** Throws `INVALID_ARGUMENT` unless the value is an integer from `min` to `max`; `max` defaults to 2^53-1. */
export function checkInteger(
  value: unknown,
  field: string,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw refused(field, `be an integer from ${min} to ${max}`, value);
}

/** Throws `INVALID_ARGUMENT` unless the value is `true` or `false`. */
export function checkBoolean(value: unknown, field: string): asserts value is boolean {
  if (typeof value === "boolean") return;
  throw refused(field, "be true or false", value);
}

/** Throws `INVALID_ARGUMENT` unless the value is a duration that a timer can take: from `min` milliseconds. */
export function checkMillis(value: unknown, field: string, min = 0): asserts value is number {
  if (typeof value === "number" && value >= min && value <= MAX_TIMER) return;
  throw refused(field, `be between ${min} and ${MAX_TIMER} milliseconds`, value);
}

/** Throws `INVALID_ARGUMENT` unless the value is a plain object. */
export function checkObject<T>(value: T, field: string): asserts value is T & Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused(field, "be an object", value);
}

/** Throws `INVALID_ARGUMENT` unless the value is `min` to `max` bytes of UTF-8 without NUL. */
export function checkText(value: unknown, field: string, min: number, max: number): asserts value is string {
  if (typeof value !== "string") throw refused(field, "be text", value);
  // A lone surrogate has no UTF-8, so no URL can carry it.
  if (!isWellFormed(value))
    throw refused(field, "be well-formed Unicode (it holds half a surrogate pair)", value);
  if (value.includes("\0")) throw refused(field, "not contain NUL", value);
  const size = sizeOf(value);
  if (size < min || size > max) throw refused(field, `be ${min} to ${max} bytes of UTF-8`, value);
}

/** The error for a value that breaks a rule: `<field> must <rule>; got <value>`. */
export function refused(field: string, rule: string, value: unknown): S2Error {
  return invalidArgument(`${field} must ${rule}; got ${describe(value)}`);
}

/** A long text is named with its size, which is what it is usually refused for. */
function describe(value: unknown): string {
  return typeof value === "string" && value.length > 36
    ? `${show(value)} (${sizeOf(value)} bytes)`
    : show(value);
}

/** Bytes of UTF-8. Names are short and seldom: what counts faster is not worth its size to a page that only reads. */
function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}
