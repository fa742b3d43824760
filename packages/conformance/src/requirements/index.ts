import { decisionRows, promiseRows } from "./decisions.js";
import { formatRows } from "./formats.js";
import { sessionRows } from "./sessions.js";
import { type Requirement, requirementFromRow } from "./types.js";

export type { Requirement, State, Where } from "./types.js";

/** Everything users may rely on, each proven by a test that cites its id, or with the reason why none does. */
export const requirements: readonly Requirement[] = [
  ...sessionRows,
  ...formatRows,
  ...promiseRows,
  ...decisionRows,
].map(requirementFromRow);
