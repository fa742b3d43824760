import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PROGRAMS = ["many-sessions", "million-batches", "slow-reader"] as const;
const here = fileURLToPath(new URL("./", import.meta.url));

let bundles: Promise<string> | undefined;

/** Runs a program as a process of its own, with a collector it can call, and gives the JSON that it prints. */
export async function runProgram<T>(
  program: (typeof PROGRAMS)[number],
  environment: Readonly<Record<string, string>>,
): Promise<T> {
  bundles ??= bundle();
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

/** From the sources, so that nothing has to be built first. */
async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "endurance-"));
  process.once("exit", () => void rm(folder, { recursive: true, force: true }));
  await build({
    entryPoints: PROGRAMS.map((program) => join(here, `${program}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@s2-dev/source", "module"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  return folder;
}
