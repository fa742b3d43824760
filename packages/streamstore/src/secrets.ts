import type { Redacted } from "./redacted.js";

const SECRETS = new WeakMap<object, unknown>();
/** Bound now, so that a prototype that is tampered with later sees no secret. */
const secretOf = SECRETS.get.bind(SECRETS);

/** Keeps the secret of a box. */
export function hide(box: object, secret: unknown): void {
  SECRETS.set(box, secret);
}

/** The secret in a box made by `redact`; `undefined` for anything else. */
export function reveal<T>(box: Redacted<T>): T {
  return secretOf(box) as T;
}
