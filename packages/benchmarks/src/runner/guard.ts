import { ratio } from "./report.js";
import type { CaseResult } from "./run-case.js";

/** Whether this SDK costs more CPU a record than the published one: the collapse that the guard is there for. */
export function isCollapse(result: CaseResult): boolean {
  return (["cold", "warm"] as const).some((figure) => (ratio(result, figure, "published") ?? 0) > 1);
}

/** Ours could not be measured, or did not deliver what it had to, though the published SDK did. */
export function isBroken(result: CaseResult): boolean {
  return result.faults.ours !== undefined;
}
