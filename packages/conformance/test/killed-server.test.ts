import { describe, expect, it } from "vitest";
import { expectFlawless, KILLS, type Mode, SEED, timeout } from "../src/killed-server/flawless.js";
import { createMortalLite } from "../src/killed-server/mortal-server.js";
import { findS2Lite } from "../src/servers/s2-lite.js";

/**
 * Without a binary these are skipped; the notice of the global set-up says so. The longer form, and one run again:
 *
 *     S2_KILLS=500 pnpm --filter @s2-dev/conformance killed-server
 *     S2_KILL_SEED=<seed> pnpm --filter @s2-dev/conformance killed-server -t "<title>"
 */
const binary = findS2Lite();
const isRequired = process.env.S2_LITE_REQUIRED === "1";
const CAUTIOUS = { appendRetryPolicy: "noSideEffects" } as const;

const run = (mode: Mode, kills: number) =>
  expectFlawless(() => createMortalLite(binary ?? "s2"), { ...mode, kills, seed: SEED });

/** Where nearly every kill ends a session, and the next one has to be opened. */
const FEWER = Math.ceil(KILLS / 2);

describe.runIf(binary !== undefined || isRequired)("a server that is killed while data flows", () => {
  it.each<Mode>([
    { transport: "s2s", ackDelay: 0 },
    { transport: "s2s", ackDelay: 100 },
    { transport: "fetch", ackDelay: 0 },
  ])(
    "ends no session and loses nothing, and doubles only what was on its way: $transport, acks held back $ackDelay ms [D1-82, G-1, H-4]",
    { timeout: timeout(KILLS) },
    async (mode) => {
      expect((await run(mode, KILLS)).sessionsFailed).toBe(0);
    },
  );

  it.each<Mode>([
    { transport: "s2s", ackDelay: 100, session: { exactlyOnce: true } },
    { transport: "fetch", ackDelay: 100, session: { exactlyOnce: true } },
    { transport: "s2s", ackDelay: 100, session: { exactlyOnce: { markerHeader: "_session" } } },
  ])("doubles nothing in exactly-once mode: %j [H-24]", { timeout: timeout(KILLS) }, async (mode) => {
    expect(await run(mode, KILLS)).toMatchObject({ sessionsFailed: 0, duplicated: 0 });
  });

  it.each<Mode>([
    { transport: "s2s", ackDelay: 100, session: { retry: CAUTIOUS } },
    { transport: "fetch", ackDelay: 100, session: { retry: CAUTIOUS } },
  ])(
    "doubles nothing under noSideEffects, and says of each batch whether it can be there: $transport [D1-6, D1-7, G-4]",
    { timeout: timeout(FEWER) },
    async (mode) => {
      const report = await run(mode, FEWER);
      expect(report.duplicated).toBe(0);
      // Otherwise nothing was put to the test.
      expect(report.sessionsFailed).toBeGreaterThan(0);
      expect(report.failedPossible).toBeGreaterThan(0);
    },
  );
});
