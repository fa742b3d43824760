import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { leavingPrograms } from "@s2-dev/conformance/leaving/run.js";
import { build } from "esbuild";
import { packagesOf } from "./bundle-guest.js";
import type { RuntimeSpec } from "./runtimes.js";
import { type ProgramEnd, startProgram } from "./start-program.js";

const programs = fileURLToPath(new URL("../../../conformance/src/leaving/", import.meta.url));

/** The programs, bundled into the project; the packages stay outside. */
export async function bundleLeavingPrograms(project: string): Promise<void> {
  await build({
    entryPoints: (await leavingPrograms()).map((program) => join(programs, `${program}.ts`)),
    outdir: join(project, "leaving"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    external: ["node:*"],
    plugins: [packagesOf(project, true)],
    logLevel: "silent",
  });
}

/** Runs a program that has to end by itself; `onOutput` sees what it has printed so far. */
export function runLeavingProgram(
  spec: RuntimeSpec,
  binary: string,
  project: string,
  program: string,
  env: Readonly<Record<string, string>>,
  onOutput: (output: string) => void,
): Promise<ProgramEnd> {
  // These programs take what they work on from the environment.
  const args = (spec.args ?? []).map((arg) => (arg.startsWith("--allow-net") ? "--allow-all" : arg));
  return startProgram(binary, [...args, join(project, "leaving", `${program}.mjs`)], {
    cwd: project,
    env,
    patience: 60_000,
    onOutput,
  }).ended;
}
