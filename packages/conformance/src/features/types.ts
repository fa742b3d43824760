/** One thing that users of other SDKs, or of none, may look for here. */
export interface Feature {
  readonly feature: string;
  /** What serves it, as Markdown. */
  readonly api: string;
  /** Tests that prove it: `path below packages > part of the title`. */
  readonly proofs: readonly string[];
}

/** A row as the lists write it. */
export type FeatureRow = readonly [feature: string, api: string, ...proofs: string[]];

export interface FeatureGroup {
  readonly title: string;
  readonly features: readonly Feature[];
}

export function featureGroup(title: string, rows: readonly FeatureRow[]): FeatureGroup {
  return { title, features: rows.map(([feature, api, ...proofs]) => ({ feature, api, proofs })) };
}
