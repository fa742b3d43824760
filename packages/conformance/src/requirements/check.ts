import type { Requirement } from "./types.js";

/** Ids in square brackets, as test titles cite them: `[D1-5]`, `[D1-5, G-3]`. */
const CITATION = /\[((?:D1|D2|G|H)-\d+(?:,\s*(?:D1|D2|G|H)-\d+)*)\]/g;

/** The gaps that are none any more, one sentence each. */
export async function checkGaps(requirements: readonly Requirement[]): Promise<string[]> {
  const found = requirements.map(async ({ id, state }) => {
    if (state.kind !== "known gap") return [];
    const isClosed = await Promise.resolve()
      .then(state.probe)
      .then(
        () => true,
        () => false,
      );
    return isClosed ? [`${id} is listed as a known gap, and its probe passes: it is to be required`] : [];
  });
  return (await Promise.all(found)).flat();
}

/** The ids that a text cites. */
export function citedIds(text: string): string[] {
  return [...text.matchAll(CITATION)].flatMap(([, ids = ""]) => ids.split(/,\s*/));
}

/**
 * What is wrong between requirements and tests, one sentence each: a required behaviour that no test cites, a cited id
 * that does not exist, and a gap or an exclusion that a test claims to prove.
 */
export function checkRequirements(
  requirements: readonly Requirement[],
  cited: ReadonlySet<string>,
): string[] {
  const found: string[] = [];
  const known = new Map<string, Requirement>();
  for (const requirement of requirements) {
    if (known.has(requirement.id)) found.push(`${requirement.id} is listed twice`);
    known.set(requirement.id, requirement);
  }
  for (const { id, behaviour, state } of requirements) {
    if (state.kind === "required" && !cited.has(id)) found.push(`no test cites ${id}: ${behaviour}`);
    if (state.kind !== "required" && cited.has(id))
      found.push(`a test cites ${id}, which is listed as ${state.kind}`);
  }
  for (const id of cited) if (!known.has(id)) found.push(`a test cites ${id}, which is not listed`);
  return found;
}
