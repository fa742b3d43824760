import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { packAll } from "@s2-dev/conformance/packed.js";
import { S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const exec = promisify(execFile);
const readme = fileURLToPath(new URL("../../../README.md", import.meta.url));
const bun = inject("surroundings").provisions.bun;

/** How each installs what the manifest names. */
const MANAGERS: readonly (readonly [name: string, command: readonly string[] | undefined])[] = [
  ["npm", ["npm", "install", "--no-audit", "--no-fund"]],
  ["pnpm", ["npx", "-y", "pnpm@12", "install"]],
  ["yarn", ["npx", "-y", "yarn@1.22.22", "install", "--no-lockfile", "--non-interactive"]],
  ["bun", bun === undefined || "missing" in bun ? undefined : [bun.binary, "install"]],
];

let root: string;
let tarballs: ReadonlyMap<string, string>;
let local: LocalServer;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "managers-")));
  tarballs = await packAll(root);
  local = await startLocal();
  const client = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await client.basins.create({ basin: "my-basin", config: { create_stream_on_append: true } });
  await client.close();
});

afterAll(async () => {
  await local.close();
  await rm(root, { recursive: true, force: true });
});

/** A code block of the README, by the file that it shows. */
async function shown(file: string): Promise<string> {
  const code = (await readFile(readme, "utf8")).split(
    `<!-- code: examples/readme/src/${file} -->\n\`\`\`ts\n`,
  )[1];
  if (code === undefined) throw new Error(`the README does not show ${file}`);
  return code.slice(0, code.indexOf("```"));
}

/** An empty project but for its manifest, in which the tarballs stand for what a registry would have. */
async function emptyProject(name: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  const every = Object.fromEntries([...tarballs].map(([pkg, path]) => [pkg, `file:${path}`]));
  const wanted = ["@s2-dev/streamstore", "@s2-dev/streamstore-local", "@s2-dev/streamstore-patterns"];
  const manifest = {
    name: "empty",
    version: "1.0.0",
    private: true,
    type: "module",
    // npm wants what is overridden to be named the same way.
    dependencies: name === "npm" ? every : Object.fromEntries(wanted.map((pkg) => [pkg, every[pkg]])),
    overrides: name === "npm" ? undefined : every,
    resolutions: every,
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const overrides = Object.entries(every).map(([pkg, path]) => `  "${pkg}": "${path}"\n`);
  await writeFile(join(folder, "pnpm-workspace.yaml"), `packages: []\noverrides:\n${overrides.join("")}`);
  return folder;
}

describe.each(MANAGERS)("a project that was installed with %s", (name, command) => {
  it.skipIf(command === undefined)("runs the quick start of the README as it is copied", async () => {
    const folder = await emptyProject(name);
    const [program = "", ...args] = command ?? [];
    const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: process.env.HOME };
    await exec(program, args, { cwd: folder, env, timeout: 180_000 });
    const run = async (file: string, code: string, more: object = {}): Promise<string> => {
      await writeFile(join(folder, file), code);
      return (await exec(process.execPath, [file], { cwd: folder, env: { ...env, ...more } })).stdout;
    };
    const server = {
      S2_ACCESS_TOKEN: "ignored",
      S2_ACCOUNT_ENDPOINT: local.endpoints.account,
      S2_BASIN_ENDPOINT: local.endpoints.basin,
      S2_BASIN: "my-basin",
    };
    const output = await run("append-and-read.mjs", await shown("append-and-read.ts"), server);
    expect(output).toMatch(/^appended \d+ to \d+\n\d+ Hello, world! \{ foo: 'bar' \}\n/);
    expect(await run("testing.mjs", await shown("testing.ts"))).toBe("1\n");
    const { stdout } = await exec(join(folder, "node_modules", ".bin", "s2-local"), ["--help"], { env });
    expect(stdout).toMatch(/--port/);
  });
});
