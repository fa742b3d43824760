import type { Case } from "../src/cases/case.js";
import { cases } from "../src/cases/index.js";
import type { Spread } from "../src/runner/figures.js";
import type { CaseResult } from "../src/runner/run-case.js";

/** For tests: the case with targets that their results are of. */
export const sampleCase = cases.find(({ id }) => id === "append-100-x1000-bytes") as Case;

export function spread(median: number): Spread {
  return { median, min: median / 2, max: median * 2 };
}

/** A result with these figures, all of one round. */
export function resultOf(ours: number, published: number, floor: number): CaseResult {
  return {
    case: sampleCase,
    parties: {
      ours: { cold: spread(ours) },
      published: { cold: spread(published) },
      floor: { cold: spread(floor) },
    },
    rounds: { ours: [{ cold: ours }], published: [{ cold: published }] },
    faults: {},
  };
}
