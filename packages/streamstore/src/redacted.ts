const SECRETS = new WeakMap<object, unknown>();
/** Bound now, so that a prototype that is tampered with later sees no secret. */
const secretOf = SECRETS.get.bind(SECRETS);
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
  SECRETS.set(Object.freeze(box), secret);
  return box;
}

/** The secret in a box made by `redact`; `undefined` for anything else. */
export function reveal<T>(box: Redacted<T>): T {
  return secretOf(box) as T;
}
