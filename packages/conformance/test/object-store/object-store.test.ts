import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectFlawless, type Mode, SEED, timeout } from "../../src/killed-server/flawless.js";
import { createMovingLite, type MovingServer } from "../../src/killed-server/moving-lite.js";
import type { RunReport } from "../../src/killed-server/run.js";
import { findMoto, type ObjectStore, startMoto } from "../../src/object-store/moto.js";
import { findS2Lite } from "../../src/servers/s2-lite.js";

/**
 * s2-lite keeps its streams on an object store; when it is killed, another one takes over from the same bucket, behind
 * an address that moves. The longer form, and one run again:
 *
 *     S2_KILLS=50 pnpm --filter @s2-dev/conformance object-store
 *     S2_KILL_SEED=<seed> pnpm --filter @s2-dev/conformance object-store -t "<title>"
 */
const KILLS = Number(process.env.S2_KILLS ?? 7);
const FOLLOWERS = ["s2s", "fetch"] as const;
const isRequired = process.env.S2_OBJECT_STORE_REQUIRED === "1";

const lite = findS2Lite();
const moto = lite === undefined ? { missing: "there is no s2-lite" } : await findMoto();
const missing = "missing" in moto ? moto.missing : undefined;
if (missing !== undefined && !isRequired) console.warn(`SKIPPED: s2-lite on an object store: ${missing}`);

let store: ObjectStore | undefined;
const reports: [title: string, report: RunReport][] = [];

beforeAll(async () => {
  if (missing !== undefined && !isRequired) return;
  if ("missing" in moto) throw new Error(moto.missing);
  store = await startMoto(moto.binary);
});
afterAll(async () => {
  await store?.stop();
  if (reports.length > 0) console.log(tableOf(reports));
});

/** Each run has a bucket of its own. */
async function run(
  title: string,
  mode: Mode,
  adapt: (server: MovingServer) => MovingServer = (server) => server,
): Promise<RunReport> {
  const bucket = await store?.createBucket(`run-${reports.length}`);
  if (bucket === undefined) throw new Error("The object store is not running");
  const create = async () => adapt(await createMovingLite(lite ?? "s2", bucket));
  const report = await expectFlawless(create, { ...mode, followers: FOLLOWERS, kills: KILLS, seed: SEED });
  reports.push([title, report]);
  return report;
}

describe.skipIf(missing !== undefined && !isRequired)("another s2-lite on the same bucket", () => {
  test.each<Mode>([
    { transport: "s2s", ackDelay: 0 },
    { transport: "fetch", ackDelay: 0 },
  ])(
    "takes over from one that was killed: no session ends, nothing acknowledged is lost: $transport",
    { timeout: timeout(KILLS) },
    async (mode) => {
      const report = await run(`killed, ${mode.transport}`, mode);
      expect(report.sessionsFailed).toBe(0);
      expect(report.recovered.most).toBeLessThan(Number.POSITIVE_INFINITY);
    },
  );

  test.each<Mode>([
    { transport: "s2s", ackDelay: 100, session: { exactlyOnce: true } },
    { transport: "fetch", ackDelay: 100, session: { exactlyOnce: true } },
  ])("has each record once in exactly-once mode: $transport", { timeout: timeout(KILLS) }, async (mode) => {
    const report = await run(`killed, ${mode.transport}, exactly once, acks 100 ms late`, mode);
    expect(report).toMatchObject({ sessionsFailed: 0, duplicated: 0 });
  });

  test("takes over from one that is still running, which can acknowledge nothing from then on", {
    timeout: timeout(KILLS),
  }, async () => {
    const mode: Mode = { transport: "s2s", ackDelay: 0, session: { exactlyOnce: true } };
    const report = await run("handed over, s2s, exactly once", mode, withoutKill);
    expect(report).toMatchObject({ sessionsFailed: 0, duplicated: 0 });
  });
});

/** The former goes on until the next one has the bucket and the address. */
function withoutKill(server: MovingServer): MovingServer {
  return {
    ...server,
    kill: async () => undefined,
    async start() {
      await server.start();
      await server.killFormer();
    },
  };
}

function tableOf(rows: readonly (readonly [string, RunReport])[]): string {
  return [
    "| run | records acknowledged | takeovers | lost | batches twice | away, middle / most | acknowledging again after, middle / most |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(
      ([title, { acknowledged, kills, lost, duplicated, away, recovered }]) =>
        `| ${title} | ${acknowledged} | ${kills} | ${lost} | ${duplicated} | ${away.middle} / ${away.most} ms | ${recovered.middle} / ${recovered.most} ms |`,
    ),
  ].join("\n");
}
