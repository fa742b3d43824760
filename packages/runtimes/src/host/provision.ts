import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { RuntimeSpec } from "./runtimes.js";

const exec = promisify(execFile);

/** Where downloaded runtimes are kept: `S2_RUNTIMES_CACHE`, or beside the repository's dependencies. */
export const runtimesCache: string =
  process.env.S2_RUNTIMES_CACHE ??
  fileURLToPath(new URL("../../../../node_modules/.cache/s2-runtimes/", import.meta.url));

/** A runtime that is here, or why it is not. */
export type Provision = { readonly binary: string; readonly version: string } | { readonly missing: string };

/** The package that carries a runtime's binary for this platform, and where it lies in it. */
function packageFor(id: string, platform: string, arch: string): readonly [name: string, binary: string] {
  const windows = platform === "win32" ? ".exe" : "";
  if (id === "bun") {
    const cpu = arch === "arm64" ? "aarch64" : arch;
    return [`@oven/bun-${platform === "win32" ? "windows" : platform}-${cpu}`, `bin/bun${windows}`];
  }
  if (id === "deno") {
    return [`@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`, `deno${windows}`];
  }
  if (id === "workerd") {
    const os = platform === "win32" ? "windows" : platform;
    return [`@cloudflare/workerd-${os}-${arch === "x64" ? "64" : arch}`, `bin/workerd${windows}`];
  }
  const os = platform === "win32" ? "win" : platform;
  return [
    `node-${platform === "darwin" && arch === "arm64" ? "bin-" : ""}${os}-${arch}`,
    `bin/node${windows}`,
  ];
}

/** Finds a runtime or installs it from the registry, without running any script of the package. */
export async function provision(spec: RuntimeSpec): Promise<Provision> {
  if (spec.shape === "chromium") return findChromium();
  if (spec.version === undefined) return { binary: process.execPath, version: process.versions.node };
  const [name, path] = packageFor(spec.id, process.platform, process.arch);
  const folder = join(runtimesCache, `${spec.id}-${spec.version}`);
  const binary = join(folder, "node_modules", name, path);
  try {
    if (!existsSync(binary)) await install(folder, `${name}@${spec.version}`);
    accessSync(binary, constants.X_OK);
    return { binary, version: spec.version };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { missing: `${name}@${spec.version} could not be installed: ${firstLine(error)}` };
  }
}

async function install(folder: string, what: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), "{}");
  await exec("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", what], {
    cwd: folder,
    shell: process.platform === "win32",
    timeout: 300_000,
  });
}

async function findChromium(): Promise<Provision> {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = [
    ...(process.env.CHROMIUM_BIN === undefined ? [] : [process.env.CHROMIUM_BIN]),
    ...(process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
  ];
  for (const binary of candidates) {
    if (!existsSync(binary)) continue;
    try {
      const { stdout } = await exec(binary, ["--version"], { timeout: 60_000 });
      return { binary, version: /\d+(\.\d+)+/.exec(stdout)?.[0] ?? "unknown" };
    } catch {
      // The next one may run.
    }
  }
  return { missing: "no Chromium on the PATH, nor in CHROMIUM_BIN" };
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr || message || String(error)).split("\n")[0] ?? "";
}
