import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "../bundling.js";

/** A program that has not ended after so long is killed, in milliseconds; it should have complained long before. */
const PATIENCE = 60_000;
const HELPERS = ["alarm.ts", "stream.ts", "run.ts"];
const here = fileURLToPath(new URL("./", import.meta.url));

let bundles: Promise<string> | undefined;

/** What a program did. */
export interface Departure {
  /** `null`: it was killed. */
  readonly code: number | null;
  readonly output: string;
}

/** The programs of this folder. */
export async function leavingPrograms(): Promise<string[]> {
  const files = await readdir(here);
  return files.filter((file) => !HELPERS.includes(file)).map((file) => file.replace(/\.ts$/, ""));
}

/** Runs a program as a process of its own; `onOutput` sees what it has printed so far. */
export async function runLeaving(
  program: string,
  environment: Readonly<Record<string, string>>,
  onOutput: (output: string) => void = () => undefined,
): Promise<Departure> {
  bundles ??= bundle();
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(S2_|NODE_|VITEST)/.test(name)),
  );
  const child = spawn(process.execPath, [join(await bundles, `${program}.mjs`)], {
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onOutput(output);
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

/** Removes what the programs were built to. */
export async function removeLeavingBundles(): Promise<void> {
  const folder = await bundles;
  bundles = undefined;
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

async function bundle(): Promise<string> {
  return bundlePrograms((await leavingPrograms()).map((program) => join(here, `${program}.ts`)));
}
