import { afterAll, beforeAll, describe, inject, test } from "vitest";
import type { Behaviour, RawBehaviour, Topic } from "./behaviour.js";
import { knownDifference, mustStillFail } from "./known-differences.js";
import { performSdk } from "./perform-sdk.js";
import { createRawContext } from "./raw-context.js";
import type { PairMeta } from "./report.js";
import { startLocalServer } from "./servers/local.js";
import type { Server } from "./servers/server.js";
import { concerns, type Pair, pairName, type RawWire, rawPairs, type SdkWire, sdkPairs } from "./targets.js";

declare module "vitest" {
  interface TaskMeta extends PairMeta {}
}

/** Runs the behaviours of a topic on every pair. */
export function runTopic(topic: Topic): void {
  describe.concurrent(topic.name, () => {
    for (const pair of [...sdkPairs, ...rawPairs]) if (concerns(topic.name, pair)) runOn(topic, pair);
  });
}

function runOn(topic: Topic, pair: Pair): void {
  const behaviours = topic.behaviours.filter((behaviour) => runsOn(behaviour, pair));
  if (behaviours.length === 0) return;
  const s2Lite = inject("s2Lite");
  const missing = pair.server === "s2-lite" && "missing" in s2Lite ? s2Lite : undefined;
  describe(pairName(pair), () => {
    let server: Server;
    if (missing === undefined) {
      beforeAll(async () => {
        server =
          "origin" in s2Lite && pair.server === "s2-lite"
            ? shared(s2Lite.origin)
            : await startLocalServer(pair.storage);
      });
      afterAll(() => server?.stop());
    }
    for (const behaviour of behaviours) {
      const { reason, varies = false } = knownDifference(topic.name, behaviour.says, pair) ?? {};
      const skip = varies || (missing !== undefined && !missing.required);
      const meta: PairMeta = {
        pair: pairName(pair),
        ...(reason === undefined ? {} : { expectedDifference: reason }),
      };
      test(behaviour.says, { meta, skip }, async () => {
        if (missing !== undefined) throw new Error(missing.missing);
        if (reason === undefined) return perform(behaviour, pair, server);
        await mustStillFail(() => perform(behaviour, pair, server), reason);
      });
    }
  });
}

function runsOn(behaviour: Behaviour, pair: Pair): boolean {
  const isRaw = pair.wire === "http/1.1" || pair.wire === "http/2";
  if ((behaviour.through === "raw") !== isRaw) return false;
  return behaviour.wires === undefined || (behaviour.wires as readonly string[]).includes(pair.wire);
}

async function perform(behaviour: Behaviour, pair: Pair, server: Server): Promise<void> {
  if (behaviour.through === "raw") return performRaw(behaviour, pair as Pair<RawWire>, server);
  return performSdk(behaviour, pair as Pair<SdkWire>, server);
}

async function performRaw(behaviour: RawBehaviour, pair: Pair<RawWire>, server: Server): Promise<void> {
  const { context, cleanup } = createRawContext(pair, server);
  try {
    await behaviour.run(context);
  } finally {
    await cleanup.run();
  }
}

/** One process serves the whole run; it is stopped by the global set-up. */
function shared(origin: string): Server {
  return { name: "s2-lite", origin, stop: async () => undefined };
}
