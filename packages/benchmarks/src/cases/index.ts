import type { Case } from "./case.js";
import { otherCases } from "./others.js";
import { sessionCases } from "./sessions.js";

/** Everything that is measured. */
export const cases: readonly Case[] = [...sessionCases, ...otherCases];
