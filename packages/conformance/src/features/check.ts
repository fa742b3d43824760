import type { FeatureGroup } from "./types.js";

/**
 * What is wrong with the features' proofs, one sentence each: a feature without one, a file that does not exist, and a
 * title that the file does not have. `read` gives a file below `packages`, or nothing.
 */
export function checkFeatures(
  groups: readonly FeatureGroup[],
  read: (path: string) => string | undefined,
): string[] {
  return groups.flatMap(({ features }) =>
    features.flatMap(({ feature, proofs }) =>
      proofs.length === 0
        ? [`${feature}: no test proves it`]
        : proofs.flatMap((each) => checkProof(feature, each, read)),
    ),
  );
}

/** What is wrong with one proof of a feature. */
export function checkProof(
  feature: string,
  proof: string,
  read: (path: string) => string | undefined,
): string[] {
  const [path = "", title = ""] = proof.split(" > ");
  const text = read(path);
  if (text === undefined) return [`${feature}: there is no ${path}`];
  // Titles may be broken over lines, or have their quotes escaped.
  if (title === "" || !text.replace(/\\(["'`])/g, "$1").includes(title))
    return [`${feature}: ${path} has no test "${title}"`];
  return [];
}
