import type { Case, FigureName } from "../cases/case.js";
import { median } from "./figures.js";
import type { CaseResult } from "./run-case.js";

/**
 * Whether this SDK costs more CPU a record than the published one: the collapse that the guard is there for. Judged by
 * the middle one of the ratios of rounds measured side by side, which other load on the machine hardly moves.
 */
export function isCollapse(result: CaseResult): boolean {
  return (["cold", "warm"] as const).some((figure) => (pairedRatio(result, figure) ?? 0) > 1);
}

/** Ours divided by the published one's, round by round, and the middle one of that. */
function pairedRatio({ rounds }: CaseResult, figure: FigureName): number | undefined {
  const ratios = (rounds.ours ?? []).flatMap((ours, index) => {
    const published = rounds.published?.[index]?.[figure];
    const mine = ours[figure];
    return mine === undefined || published === undefined || published === 0 ? [] : [mine / published];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** Ours or the published one could not be measured, or did not deliver what it had to: there is nothing to compare. */
export function isBroken({ faults }: CaseResult): boolean {
  return faults.ours !== undefined || faults.published !== undefined;
}

/** The case is for both, and one of them was not measured. */
function lacksFigures(result: CaseResult): boolean {
  return result.case.parties.includes("published") && pairedRatio(result, "cold") === undefined;
}

/**
 * What the guard has to say, one line for each case that fails. A machine that others share can lie once: what looks like
 * a collapse is measured again before it counts.
 */
export async function complaintsAbout(
  results: readonly CaseResult[],
  measureAgain: (made: Case) => Promise<CaseResult>,
): Promise<string[]> {
  const complaints: string[] = [];
  for (const first of results) {
    const isSuspect = !isBroken(first) && isCollapse(first);
    const complaint = complaintAbout(isSuspect ? await measureAgain(first.case) : first);
    if (complaint !== undefined) complaints.push(`${first.case.title}: ${complaint}`);
  }
  return complaints;
}

function complaintAbout(result: CaseResult): string | undefined {
  if (isBroken(result)) return result.faults.ours ?? result.faults.published;
  if (lacksFigures(result)) return "no figures of both to compare";
  return isCollapse(result) ? "more CPU than the published SDK, twice" : undefined;
}
