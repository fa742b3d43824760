import { describe, expect, it } from "vitest";
import { createMortalLite } from "../src/killed-server/mortal-server.js";
import { type RunOptions, runAgainstKills } from "../src/killed-server/run.js";

const binary = process.env.S2_LITE_BIN ?? `${process.env.HOME}/.cargo/bin/s2`;
const kills = Number(process.env.S2_KILLS ?? 20);

describe.runIf(true)("a server that is killed while data flows", () => {
  it.each<Omit<RunOptions, "kills" | "random">>([
    { transport: "s2s", ackDelay: 0 },
    { transport: "s2s", ackDelay: 100 },
    { transport: "fetch", ackDelay: 0 },
    { transport: "s2s", ackDelay: 100, session: { exactlyOnce: true } },
    { transport: "fetch", ackDelay: 100, session: { exactlyOnce: true } },
  ])(
    "loses nothing: $transport, acks held back $ackDelay ms [D1-8]",
    { timeout: 300_000 },
    async (options) => {
      const server = await createMortalLite(binary);
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
