import { NOT_BUILT } from "../client/worker.js";
import { ratio } from "./report.js";
import type { CaseResult } from "./run-case.js";

/** Whether this SDK costs more CPU a record than the published one: the collapse that the guard is there for. */
export function isCollapse(result: CaseResult): boolean {
  return (["cold", "warm"] as const).some((figure) => (ratio(result, figure, "published") ?? 0) > 1);
}

/** Ours could not be measured, or did not deliver what it had to. What is not built yet is not broken. */
export function isBroken({ faults }: CaseResult): boolean {
  return faults.ours !== undefined && !faults.ours.includes(NOT_BUILT);
}
