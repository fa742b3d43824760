import { rm } from "node:fs/promises";
import { createProject } from "@s2-dev/conformance/packed.js";
import { findS2Lite } from "@s2-dev/conformance/servers/s2-lite.js";
import type { TestProject } from "vitest/node";
import { type Provision, provision } from "../src/host/provision.js";
import { runtimes } from "../src/host/runtimes.js";

/** What all runtimes share: the installed packages, and the programs. */
export interface Surroundings {
  /** The folder of the consumer's project. */
  readonly project: string;
  /** The binary of s2-lite; without, nothing runs against it. */
  readonly s2Lite: string | undefined;
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
  const s2Lite = findS2Lite();
  if (s2Lite === undefined && process.env.S2_LITE_REQUIRED === "1") throw new Error("There is no s2-lite");
  if (s2Lite === undefined) console.warn("SKIPPED: there is no s2-lite, so nothing is run against it");
  const provisions: Record<string, Provision> = {};
  for (const spec of runtimes) {
    const found = await provision(spec);
    provisions[spec.id] = found;
    if ("missing" in found) console.warn(`SKIPPED: ${spec.name}: ${found.missing}`);
  }
  provide("surroundings", { project: project.root, s2Lite, provisions });
  return () => rm(project.root, { recursive: true, force: true });
}
