import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rename, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
const packages = fileURLToPath(new URL("../../", import.meta.url));

/** Folders of the packages that are published. */
export const PUBLISHED = [
  "core",
  "transport-fetch",
  "transport-s2s",
  "streamstore",
  "patterns",
  "local",
  "otel",
] as const;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main?: string;
  readonly module?: string;
  readonly types?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

export interface PackedPackage {
  readonly manifest: Manifest;
  /** Where it is unpacked. */
  readonly path: string;
  /** Every file in it. */
  readonly files: readonly string[];
}

/** A project in a folder of its own, in which the packages are installed as they would be published. */
export interface Project {
  readonly root: string;
  readonly installed: readonly PackedPackage[];
}

/**
 * Packs the packages and installs them as pnpm would, without asking a registry: each sees the dependencies that its
 * manifest names, and no others. The project itself sees `direct`.
 */
export async function createProject(direct: readonly string[]): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "consumer-")));
  const installed = await Promise.all(PUBLISHED.map((folder) => unpack(join(packages, folder), root)));
  const byName = new Map(installed.map((unpacked) => [unpacked.manifest.name, unpacked]));
  for (const [index, { manifest }] of installed.entries()) {
    const resolver = createRequire(join(packages, PUBLISHED[index] as string, "package.json"));
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      const target = byName.get(dependency)?.path ?? (await folderOf(dependency, resolver));
      await link(target, join(storeOf(root, manifest.name), dependency));
    }
  }
  for (const name of direct) {
    const target = byName.get(name)?.path ?? (await folderOf(name, createRequire(import.meta.url)));
    await link(target, join(root, "node_modules", name));
  }
  return { root, installed };
}

/** Where the package of this name and those it depends on lie side by side. */
function storeOf(root: string, name: string): string {
  return join(root, "node_modules", ".store", name.replace("/", "+"), "node_modules");
}

/** Packs every published package, and names the tarballs by the packages. */
export async function packAll(root: string): Promise<ReadonlyMap<string, string>> {
  const packed = PUBLISHED.map(async (folder) => {
    const { name } = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8")) as Manifest;
    return [name, await pack(join(packages, folder), await mkdtemp(join(root, "tarball-")))] as const;
  });
  return new Map(await Promise.all(packed));
}

/** Packs a package into an empty folder, and returns the path of the tarball. */
async function pack(folder: string, destination: string): Promise<string> {
  const [program, ...args] = packageManager();
  await exec(program as string, [...args, "pack", "--pack-destination", destination], {
    cwd: folder,
    shell: process.platform === "win32",
  });
  const [tarball = ""] = readdirSync(destination);
  return join(destination, tarball);
}

async function unpack(folder: string, root: string): Promise<PackedPackage> {
  const destination = await mkdtemp(join(root, "tarball-"));
  await exec("tar", ["-xzf", await pack(folder, destination)], { cwd: destination });
  const unpacked = join(destination, "package");
  const manifest = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8")) as Manifest;
  const path = join(storeOf(root, manifest.name), manifest.name);
  await mkdir(dirname(path), { recursive: true });
  await rename(unpacked, path);
  const files = readdirSync(path, { recursive: true }).map((file) => String(file).replaceAll("\\", "/"));
  return { manifest, path, files };
}

/** The pnpm that runs this; only pnpm replaces the workspace's and the catalog's versions. */
function packageManager(): string[] {
  const running = process.env.npm_execpath ?? "";
  if (!/pnpm[^/\\]*$/.test(running)) return ["npx", "-y", "pnpm@12"];
  return /\.[cm]?js$/.test(running) ? [process.execPath, running] : [running];
}

/** The folder of an installed package, whatever its entries are. */
async function folderOf(name: string, resolver: NodeJS.Require): Promise<string> {
  for (const folder of resolver.resolve.paths(name) ?? []) {
    const path = join(folder, name);
    if (existsSync(join(path, "package.json"))) return realpath(path);
  }
  throw new Error(`${name} is not installed`);
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, "junction");
}
