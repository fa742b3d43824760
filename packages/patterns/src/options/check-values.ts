import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";

/** Throws `INVALID_ARGUMENT` for what is neither `true` nor `false`, if it is given: `"no"` would count as yes. */
export function checkFlag(value: unknown, field: string): void {
  if (value === undefined || typeof value === "boolean") return;
  throw invalidArgument(`${field} must be true or false; got ${show(value)}`);
}

/** Throws `INVALID_ARGUMENT` for what is no function, if it is given. */
export function checkFunction(value: unknown, field: string): void {
  if (value !== undefined) checkIsFunction(value, field);
}

/** Throws `INVALID_ARGUMENT` for what is no function. */
export function checkIsFunction(value: unknown, field: string): void {
  if (typeof value === "function") return;
  throw invalidArgument(`${field} must be a function; got ${show(value)}`);
}

/** Throws `INVALID_ARGUMENT` for what lacks a method that will be called: a handle that is none. */
export function checkHas(value: object, method: string, field: string): void {
  const found: unknown = (value as Readonly<Record<string, unknown>> | null | undefined)?.[method];
  if (typeof found === "function") return;
  throw invalidArgument(`${field} must have ${method}(); got ${show(value)}`);
}
