import { hide } from "./secrets.js";

const SHOWN = "<redacted>";

/** A secret in a box that no printing, spreading, cloning or serialising opens. */
export interface Redacted<T> {
  /** Keeps `T` apart in the type; never there at run time. */
  readonly __secret?: T;
  /** Never the value. */
  toString(): string;
  /** Never the value. */
  toJSON(): string;
}

/** A box without its secret. */
export class RedactedBox<T> implements Redacted<T> {
  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  get [Symbol.toStringTag](): string {
    return SHOWN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SHOWN;
  }
}

/** Puts a secret into a box, a new one unless given. */
export function redact<T>(secret: T, box: RedactedBox<T> = new RedactedBox<T>()): Redacted<T> {
  hide(Object.freeze(box), secret);
  return box;
}
