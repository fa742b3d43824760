import type { FigureName } from "../cases/case.js";
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
export function pairedRatio({ rounds }: CaseResult, figure: FigureName): number | undefined {
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
