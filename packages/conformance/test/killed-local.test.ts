import { describe, expect, it } from "vitest";
import { churnAgainstKills } from "../src/killed-server/churn.js";
import { expectFlawless, KILLS, type Mode, SEED, timeout } from "../src/killed-server/flawless.js";
import { createMortalLocal } from "../src/killed-server/mortal-server.js";

/** `S2_KILLS` and `S2_KILL_SEED` as for `killed-server.test.ts`, beside this file. */
const run = (mode: Mode) => expectFlawless(createMortalLocal, { ...mode, kills: KILLS, seed: SEED });

describe.concurrent("s2-local in a directory, killed while data flows", () => {
  it.each<Mode>([
    { transport: "s2s", ackDelay: 0 },
    { transport: "fetch", ackDelay: 0 },
  ])(
    "has everything that it acknowledged when it is started again: $transport",
    { timeout: timeout(KILLS) },
    async (mode) => {
      expect((await run(mode)).sessionsFailed).toBe(0);
    },
  );

  it("has all of it once for a session in exactly-once mode, whose acknowledgements come late", {
    timeout: timeout(KILLS),
  }, async () => {
    const mode: Mode = { transport: "s2s", ackDelay: 100, session: { exactlyOnce: true } };
    expect(await run(mode)).toMatchObject({ sessionsFailed: 0, duplicated: 0 });
  });

  it("has nothing that it has deleted or trimmed, all of what it has not, and completes what was cut off", {
    timeout: timeout(KILLS),
  }, async () => {
    const server = await createMortalLocal();
    try {
      const report = await churnAgainstKills(server, { kills: KILLS, seed: SEED });
      console.log(JSON.stringify({ kills: KILLS, seed: SEED, ...report }));
      expect(report.faults).toEqual([]);
      for (const [step, count] of Object.entries(report.done)) expect(count, step).toBeGreaterThan(0);
      expect(report.cutOff.append + report.cutOff.delete).toBeGreaterThan(0);
    } finally {
      await server.remove();
    }
  });
});
