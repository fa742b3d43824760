/** Where a requirement can be seen. */
export type Where = "both transports" | "s2s" | "fetch" | "core" | "facade" | "patterns" | "package";

/** `required`: a test must cite it. The other two say why none does. */
export type State =
  | { readonly kind: "required" }
  | {
      readonly kind: "known gap";
      readonly reason: string;
      /** Passes once the behaviour is there: then the gap must go. */
      readonly probe: () => unknown;
    }
  | { readonly kind: "excluded by construction"; readonly reason: string };

/** One thing that users may rely on. Tests cite its id in square brackets in their titles. */
export interface Requirement {
  readonly id: string;
  readonly behaviour: string;
  readonly where: Where;
  readonly state: State;
}

/** A row as the lists write it: id, place, behaviour, and a state when it is not `required`. */
export type Row = readonly [id: string, where: Where, behaviour: string, state?: State];

export function gap(reason: string, probe: () => unknown): State {
  return { kind: "known gap", reason, probe };
}

export function excluded(reason: string): State {
  return { kind: "excluded by construction", reason };
}

export function requirementFromRow([id, where, behaviour, state]: Row): Requirement {
  return { id, where, behaviour, state: state ?? { kind: "required" } };
}
