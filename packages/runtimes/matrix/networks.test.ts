import { freshBasinName } from "@s2-dev/conformance/names.js";
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY } from "@s2-dev/conformance/networks/certificates.js";
import { startConnectProxy } from "@s2-dev/conformance/networks/connect-proxy.js";
import { startTlsFront } from "@s2-dev/conformance/networks/tls-front.js";
import { S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleLeavingPrograms, runLeavingProgram } from "../src/host/leaving.js";
import { runtimes } from "../src/host/runtimes.js";

const { project, provisions } = inject("surroundings");
const only = process.env.S2_RUNTIME;
const basin = freshBasinName();
let local: LocalServer;

beforeAll(async () => {
  local = await startLocal();
  await using client = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await client.basins.create({ basin, config: { create_stream_on_append: true } });
  await bundleLeavingPrograms(project);
});
afterAll(() => local.close());

for (const spec of runtimes) {
  const found = provisions[spec.id];
  if (spec.shape !== "process" || (only !== undefined && only !== spec.id)) continue;
  describe.skipIf(found === undefined || "missing" in found)(`over s2s, ${spec.id}`, () => {
    it("goes through a proxy, to a server that an own authority has vouched for and that wants a certificate", async () => {
      if (found === undefined || "missing" in found) throw new Error("it is not here");
      await using proxy = await startConnectProxy({ credentials: "me:secret" });
      await using front = await startTlsFront(local.port, {
        ALPNProtocols: ["h2"],
        ca: AUTHORITY,
        requestCert: true,
        rejectUnauthorized: true,
      });
      const target = `streams.s2.test:${front.port}`;
      const environment = {
        S2_ACCESS_TOKEN: "ignored",
        S2_ACCOUNT_ENDPOINT: `https://${target}`,
        S2_BASIN_ENDPOINT: `https://${target}`,
        S2_BASIN: basin,
        S2_STREAM: `proxied-${spec.id}`,
        S2_TRANSPORT: "s2s",
        S2_PROXY: `http://me:secret@127.0.0.1:${proxy.port}`,
        S2_CA: AUTHORITY,
        S2_CERT: CLIENT_CERT,
        S2_KEY: CLIENT_KEY,
      };
      const end = await runLeavingProgram(spec, found.binary, project, "left-tail", environment, () => {});
      expect(end).toEqual({ code: 0, output: "done\n" });
      expect(new Set(proxy.asked)).toEqual(new Set([target]));
    });
  });
}
