import { expect } from "vitest";
import type { MortalServer } from "./mortal-server.js";
import { type RunOptions, type RunReport, runAgainstKills } from "./run.js";

export const KILLS = Number(process.env.S2_KILLS ?? 20);
export const SEED = Number(process.env.S2_KILL_SEED ?? Math.floor(Math.random() * 1e9));

/** What must be 0 in every run. */
const FLAWLESS = {
  lost: 0,
  wronglyDenied: 0,
  duplicatedWithoutCause: 0,
  torn: 0,
  outOfOrder: 0,
  followerFaults: 0,
};

export type Mode = Omit<RunOptions, "kills" | "seed">;

/** How long a run may take, in milliseconds. */
export const timeout = (kills: number): number => 60_000 + kills * 15_000;

/** Runs against a server that is killed so often, and finds nothing wrong; prints what was seen. */
export async function expectFlawless(
  create: () => Promise<MortalServer>,
  options: RunOptions,
): Promise<RunReport> {
  const server = await create();
  try {
    const report = await runAgainstKills(server, options);
    console.log(JSON.stringify({ ...options, ...report }));
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ kills: options.kills, ...FLAWLESS });
    expect(report.acknowledged).toBeGreaterThan(0);
    return report;
  } finally {
    await server.remove();
  }
}
