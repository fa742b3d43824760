/** Whom the embedded server follows where the others do not say the same, or do not say anything. */
export type Side = "specification" | "s2-lite" | "its own";

/** One thing that the specification and the open-source server disagree about, or that the embedded server does otherwise. */
export interface Deviation {
  readonly about: string;
  /** What the specification has: the service's published OpenAPI document. As Markdown, like the rest. */
  readonly specification: string;
  /** What s2-lite 0.43.4 does. */
  readonly lite: string;
  readonly takes: Side;
  readonly why: string;
  /** Tests that show it: `path below packages > part of the title`. */
  readonly proofs: readonly string[];
}

/** A row as the list writes it. */
export type DeviationRow = readonly [
  about: string,
  specification: string,
  lite: string,
  takes: Side,
  why: string,
  ...proofs: string[],
];

export function deviation([about, specification, lite, takes, why, ...proofs]: DeviationRow): Deviation {
  return { about, specification, lite, takes, why, proofs };
}
