import { leavingNames } from "@s2-dev/conformance/behaviours/leaving.js";
import { freshBasinName } from "@s2-dev/conformance/names.js";
import { BUILT_IN_WIRES } from "@s2-dev/conformance/targets.js";
import { S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleLeavingPrograms, runLeavingProgram } from "../src/host/leaving.js";
import { runtimes } from "../src/host/runtimes.js";

const { project, provisions } = inject("surroundings");
const only = process.env.S2_RUNTIME;
const basin = freshBasinName();
let local: LocalServer;
let client: S2;

beforeAll(async () => {
  local = await startLocal();
  client = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await client.basins.create({ basin });
  await bundleLeavingPrograms(project);
});

afterAll(async () => {
  await client.close();
  await local.close();
});

for (const spec of runtimes) {
  const found = provisions[spec.id];
  if (spec.shape !== "process" || (only !== undefined && only !== spec.id)) continue;
  describe.skipIf(found === undefined || "missing" in found)(`programs in ${spec.id}`, () => {
    it.concurrent.each(BUILT_IN_WIRES.flatMap((wire) => leavingNames.map((name) => [name, wire] as const)))(
      "%s ends by itself, over %s",
      async (name, wire) => {
        if (found === undefined || "missing" in found) throw new Error("it is not here");
        const stream = client.basin(basin).stream(`${spec.id}-${wire}-${name}`);
        await client.basin(basin).streams.create({ stream: stream.name });
        await stream.append({ body: "first" });
        const env = {
          S2_ACCESS_TOKEN: "ignored",
          S2_ACCOUNT_ENDPOINT: local.origin,
          S2_BASIN_ENDPOINT: local.origin,
          S2_BASIN: basin,
          S2_STREAM: stream.name,
          S2_TRANSPORT: wire,
        };
        let answered = false;
        const end = await runLeavingProgram(spec, found.binary, project, name, env, (output) => {
          if (answered || !output.includes("waiting")) return;
          answered = true;
          void stream.append({ body: "live" });
        });
        const output = name === "awaited" ? "waiting\nlive 1\ndone\n" : "done\n";
        if (wire === "fetch" && spec.keptByFetch?.programs.includes(name)) {
          // A limit of the runtime; when it is gone, this has to go, too.
          expect(end).toEqual({ code: 1, output: `${output}kept by something\n` });
        } else {
          expect(end).toEqual({ code: 0, output });
        }
      },
    );
  });
}
