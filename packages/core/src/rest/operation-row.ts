import type { Field } from "./fields.js";

/**
 * What a second copy of a request can do, which is what a retry has to know.
 * `safe`: nothing. `idempotent`: nothing that the first has not done. `creates`: it is refused, or recognised by its
 * request token. `appends`: it adds its records once more, unless they carry a condition.
 */
export type Effects = "safe" | "idempotent" | "creates" | "appends";

/** The body of a request: none, the body fields as one object, one field bare, or records in some encoding. */
export type BodyRule =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly required: boolean }
  | { readonly kind: "bare"; readonly field: string; readonly required: boolean }
  | { readonly kind: "records" };

/** The body of a successful answer. `info` says besides, in `s2-provision-result`, what was done. */
export type ResponseRule = "json" | "info" | "none" | "ack" | "batch";

/** One REST operation, as data. */
export interface OperationRow {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the base URL; `{name}` stands for the field of that name. */
  readonly path: string;
  /** Which endpoint serves it. */
  readonly scope: "account" | "basin";
  /** Every argument with the one place it goes to, in wire order. */
  readonly fields: Readonly<Record<string, Field>>;
  readonly body: BodyRule;
  /** Request headers with a meaning of their own here. */
  readonly headers: readonly string[];
  /** Statuses that the service answers success with, the usual one first. */
  readonly success: readonly number[];
  readonly response: ResponseRule;
  readonly effects: Effects;
  /** Sends `s2-request-token`, by which the service recognises a second copy. */
  readonly requestToken: boolean;
  /** A 404 to a repeated attempt means that an earlier attempt took effect. */
  readonly goneMeansDone: boolean;
}

/** The row of an operation that takes `Args`: each argument has a field, required as the argument is. */
export type OperationRowOf<Args> = OperationRow & {
  readonly fields: { readonly [K in keyof Args]-?: Field<undefined extends Args[K] ? false : true> };
};
