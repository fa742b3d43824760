import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "../bundling.js";

const PROGRAMS = [
  "larger-than-memory",
  "many-sessions",
  "million-batches",
  "slow-reader",
  "two-threads",
] as const;
const here = fileURLToPath(new URL("./", import.meta.url));

let bundles: Promise<string> | undefined;

/** Runs a program as a process of its own, with a collector it can call, and gives the JSON that it prints. */
export async function runProgram<T>(
  program: (typeof PROGRAMS)[number],
  environment: Readonly<Record<string, string>>,
): Promise<T> {
  bundles ??= bundlePrograms(PROGRAMS.map((name) => join(here, `${name}.ts`)));
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(S2_|NODE_|VITEST)/.test(name)),
  );
  const child = spawn(process.execPath, ["--expose-gc", join(await bundles, `${program}.mjs`)], {
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}\n${output.stdout}${output.stderr}`);
  return JSON.parse(output.stdout) as T;
}
