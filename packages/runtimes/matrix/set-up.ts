import { rm } from "node:fs/promises";
import { createProject } from "@s2-dev/conformance/packed.js";
import { findS2Lite, startS2Lite } from "@s2-dev/conformance/servers/s2-lite.js";
import type { ServerName } from "@s2-dev/conformance/servers/server.js";
import { startLocal } from "@s2-dev/streamstore-local";
import type { TestProject } from "vitest/node";
import { type Provision, provision } from "../src/host/provision.js";
import { runtimes } from "../src/host/runtimes.js";

/** What all runtimes share: the installed packages, the servers, and the runtimes themselves. */
export interface Surroundings {
  /** The folder of the consumer's project. */
  readonly project: string;
  readonly servers: readonly { readonly server: ServerName; readonly origin: string }[];
  readonly provisions: Readonly<Record<string, Provision>>;
}

declare module "vitest" {
  interface ProvidedContext {
    surroundings: Surroundings;
  }
}

export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const project = await createProject([
    "@s2-dev/streamstore",
    "@s2-dev/streamstore-core",
    "@s2-dev/streamstore-patterns",
    "@s2-dev/streamstore-transport-fetch",
    "@s2-dev/streamstore-transport-s2s",
  ]);
  const local = await startLocal({ deletionMs: 20, admin: true });
  const binary = findS2Lite();
  if (binary === undefined && process.env.S2_LITE_REQUIRED === "1") throw new Error("There is no s2-lite");
  if (binary === undefined) console.warn("SKIPPED: there is no s2-lite, so nothing is run against it");
  const s2Lite = binary === undefined ? undefined : await startS2Lite(binary);
  const provisions: Record<string, Provision> = {};
  for (const spec of runtimes) {
    const found = await provision(spec);
    provisions[spec.id] = found;
    if ("missing" in found) console.warn(`SKIPPED: ${spec.name}: ${found.missing}`);
  }
  const servers = [local, ...(s2Lite === undefined ? [] : [s2Lite])];
  provide("surroundings", {
    project: project.root,
    servers: servers.map(({ origin }, index) => ({ server: index === 0 ? "local" : "s2-lite", origin })),
    provisions,
  });
  return async () => {
    await s2Lite?.stop();
    await local.close();
    await rm(project.root, { recursive: true, force: true });
  };
}
