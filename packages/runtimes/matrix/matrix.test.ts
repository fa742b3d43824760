import { startS2Lite } from "@s2-dev/conformance/servers/s2-lite.js";
import { pairName, type SocketWire } from "@s2-dev/conformance/targets.js";
import { startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { behavioursOn, type Outcome, portableTopics, type Target } from "../src/guest/suite.js";
import { createLanes } from "../src/host/lanes.js";
import { type GuestRun, runGuest } from "../src/host/run-guest.js";
import { type RuntimeSpec, runtimes } from "../src/host/runtimes.js";
import { type MatrixRow, writeMatrix } from "../src/host/table.js";

const { project, s2Lite, provisions } = inject("surroundings");
/** One alone, by its id: `S2_RUNTIME=bun`. */
const only = process.env.S2_RUNTIME;
const rows: MatrixRow[] = [];
/** Most of a run is waiting; so two are under way at the same time. */
const inLane = createLanes(2);

function targetsOf({ hasS2s }: RuntimeSpec): Omit<Target, "origin">[] {
  const wires: readonly SocketWire[] = hasS2s ? ["s2s", "fetch"] : ["fetch"];
  const servers = s2Lite === undefined ? (["local"] as const) : (["local", "s2-lite"] as const);
  return wires.flatMap((wire) => servers.map((server) => ({ server, wire, hasS2s })));
}

/** Runs the suite against servers of its own: s2-lite deletes in turn, and is slow after many others. */
async function runWithServers(spec: RuntimeSpec, binary: string): Promise<GuestRun> {
  await using local = await startLocal({ deletionMs: 20, admin: true });
  const lite = s2Lite === undefined ? undefined : await startS2Lite(s2Lite);
  try {
    const targets = targetsOf(spec).map((target) => ({
      ...target,
      origin: (target.server === "local" ? local : lite)?.origin ?? "",
    }));
    const { atOnce, ownHosts = false, limits } = spec;
    return await runGuest(spec, binary, project, { targets, atOnce, ownHosts, limits });
  } finally {
    await lite?.stop();
  }
}

function failures(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ says, error }) => (error === undefined ? [] : [`${says}\n${error}`]));
}

for (const spec of runtimes) {
  const found = provisions[spec.id] ?? { missing: "it was not looked for" };
  if (only !== undefined && only !== spec.id) continue;
  describe.skipIf("missing" in found)(spec.id, () => {
    if ("missing" in found) return it(`is skipped: ${found.missing}`, () => undefined);
    let run: GuestRun | undefined;
    const running = inLane(() => runWithServers(spec, found.binary));
    // It is awaited below, when its turn has come.
    running.catch(() => undefined);
    const targets = targetsOf(spec);

    beforeAll(async () => {
      run = await running;
    });

    for (const target of targets) {
      const pair = pairName(target);
      describe(pair, () => {
        for (const topic of portableTopics) {
          const behaviours = behavioursOn(topic, target).map(({ says }) => says);
          if (behaviours.length === 0) continue;
          it(`shows ${topic.name}, in ${behaviours.length} behaviours`, () => {
            const outcomes = (run?.outcomes ?? []).filter(
              (one) => one.pair === pair && one.topic === topic.name,
            );
            expect(failures(outcomes)).toEqual([]);
            expect(outcomes.map(({ says }) => says).sort()).toEqual([...behaviours].sort());
          });
        }
      });
    }

    if (spec.shape === "process") {
      it("ends by itself when the suite is over", () => {
        expect(run?.left).toBe(true);
      });
    }

    afterAll(() => {
      for (const { wire, server } of targets) {
        if (run === undefined) break;
        const outcomes = run.outcomes.filter((one) => one.pair === pairName({ wire, server }));
        const failed = failures(outcomes).length;
        rows.push({ spec, version: found.version, wire, server, shown: outcomes.length - failed, failed });
      }
    });
  });
}

afterAll(async () => {
  // A run of everything that people make is the source of the page; one in CI only checks.
  if (only === undefined && process.env.CI === undefined) await writeMatrix(rows);
});
