import { describe, expect, it } from "vitest";
import { createMortalLite } from "../src/killed-server/mortal-server.js";
import { type RunOptions, runAgainstKills } from "../src/killed-server/run.js";
import { findS2Lite } from "../src/servers/s2-lite.js";

/** Without a binary these are skipped; the notice of the global set-up says so. */
const binary = findS2Lite();
const isRequired = process.env.S2_LITE_REQUIRED === "1";
/** `S2_KILLS=500 pnpm --filter @s2-dev/conformance killed-server` is the longer form. */
const kills = Number(process.env.S2_KILLS ?? 20);

describe.runIf(binary !== undefined || isRequired)("a server that is killed while data flows", () => {
  it.each<Omit<RunOptions, "kills" | "random">>([
    { transport: "s2s", ackDelay: 0 },
    { transport: "s2s", ackDelay: 100 },
    { transport: "fetch", ackDelay: 0 },
    { transport: "s2s", ackDelay: 100, session: { exactlyOnce: true } },
    { transport: "fetch", ackDelay: 100, session: { exactlyOnce: true } },
  ])(
    "loses nothing: $transport, acks held back $ackDelay ms [D1-8]",
    { timeout: 60_000 + kills * 15_000 },
    async (options) => {
      const server = await createMortalLite(binary ?? "s2");
      try {
        const report = await runAgainstKills(server, { ...options, kills, random: Math.random });
        console.log(JSON.stringify({ ...options, ...report }));
        expect(report.failure).toBeUndefined();
        expect(report).toMatchObject({ lost: 0, outOfOrder: 0, followerFaults: 0 });
        if (options.session?.exactlyOnce) expect(report.duplicated).toBe(0);
      } finally {
        await server.remove();
      }
    },
  );
});
