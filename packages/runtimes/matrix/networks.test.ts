import { freshBasinName } from "@s2-dev/conformance/names.js";
import { AUTHORITY, CLIENT_CERT, CLIENT_KEY } from "@s2-dev/conformance/networks/certificates.js";
import { startConnectProxy } from "@s2-dev/conformance/networks/connect-proxy.js";
import { startTlsFront } from "@s2-dev/conformance/networks/tls-front.js";
import { S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundleLeavingPrograms, runLeavingProgram } from "../src/host/leaving.js";
import { type RuntimeSpec, runtimes } from "../src/host/runtimes.js";

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

/** A proxy that asks for a password, and behind it a server that only it knows and that wants a certificate. */
async function runThroughProxy(spec: RuntimeSpec, binary: string, transport: string) {
  await using proxy = await startConnectProxy({ credentials: "me:secret" });
  await using front = await startTlsFront(local.port, {
    ALPNProtocols: ["h2", "http/1.1"],
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
    S2_STREAM: `${transport}-${spec.id}`,
    S2_TRANSPORT: transport,
    S2_PROXY: `http://me:secret@127.0.0.1:${proxy.port}`,
    S2_CA: AUTHORITY,
    S2_CERT: CLIENT_CERT,
    S2_KEY: CLIENT_KEY,
  };
  const end = await runLeavingProgram(spec, binary, project, "left-tail", environment, () => {});
  return { end, isProxied: proxy.asked.length > 0 && proxy.asked.every((asked) => asked === target) };
}

for (const spec of runtimes) {
  const found = provisions[spec.id];
  if (spec.shape !== "process" || (only !== undefined && only !== spec.id)) continue;
  describe.skipIf(found === undefined || "missing" in found)(`a program in ${spec.id}`, () => {
    const binary = found === undefined || "missing" in found ? "" : found.binary;

    it("goes over s2s through a proxy, to a server of an authority of its own that wants a certificate", async () => {
      const { end, isProxied } = await runThroughProxy(spec, binary, "s2s");
      expect(end).toEqual({ code: 0, output: "done\n" });
      expect(isProxied).toBe(true);
    });

    if (spec.name === "Node.js") {
      it("does so over fetch, too", async () => {
        const { end, isProxied } = await runThroughProxy(spec, binary, "fetch");
        expect(end).toEqual({ code: 0, output: "done\n" });
        expect(isProxied).toBe(true);
      });
    } else {
      it("is told that its fetch heeds no such options, and makes no connection", async () => {
        const { end, isProxied } = await runThroughProxy(spec, binary, "fetch");
        expect(end.code).not.toBe(0);
        expect(end.output).toMatch(/this runtime heeds no "connect": use "s2s", or give a "fetch"/);
        expect(isProxied).toBe(false);
      });
    }
  });
}
