import { execFile, spawn } from "node:child_process";
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
const repository = fileURLToPath(new URL("../../../", import.meta.url));
const bun = inject("surroundings").provisions.bun;

/** How a package manager installs what the manifest names, and starts a program of the project. */
interface Manager {
  readonly name: string;
  readonly install: readonly string[] | undefined;
  /** Before the program's path. Default: this Node.js. */
  readonly node?: readonly string[];
  /** Before the name of a command that a package brings. Default: it is looked for in `node_modules/.bin`. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The one with "Plug'n'Play": there is no `node_modules`, and nobody gets at what his manifest does not name. */
const YARN_4 = ["npx", "-y", "--package", "@yarnpkg/cli-dist@4.18.1", "yarn"];

const MANAGERS: readonly Manager[] = [
  { name: "npm", install: ["npm", "install", "--no-audit", "--no-fund"] },
  { name: "pnpm", install: ["npx", "-y", "pnpm@12", "install"] },
  {
    name: "yarn",
    install: ["npx", "-y", "yarn@1.22.22", "install", "--no-lockfile", "--non-interactive"],
  },
  {
    name: "yarn 4",
    install: [...YARN_4, "install"],
    node: [...YARN_4, "node"],
    command: YARN_4,
    environment: { YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_IMMUTABLE_INSTALLS: "0" },
  },
  {
    name: "bun",
    install: bun === undefined || "missing" in bun ? undefined : [bun.binary, "install"],
  },
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

/** The file of basins that the first guide begins its server with. */
async function basinsOfStart(): Promise<string> {
  const [, json] =
    /^```json\n([\s\S]*?)^```/m.exec(await readFile(`${repository}docs/start.md`, "utf8")) ?? [];
  if (json === undefined) throw new Error("docs/start.md shows no file of basins");
  return json;
}

/** Starts the command `s2-local` on a port that the system picks; `close` ends it and what it has started. */
async function startCommand(
  line: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const [program = "", ...args] = line;
  const child = spawn(program, [...args, "--port", "0"], { ...options, detached: true, stdio: "pipe" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const close = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  let output = "";
  const listening = new Promise<string>((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const [, origin] = /listens on (\S+)/.exec(output) ?? [];
      if (origin !== undefined) resolve(origin);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
  const origin = await Promise.race([listening, ended.then(() => undefined)]);
  if (origin === undefined) throw new Error(`s2-local has ended: ${output}`);
  return { origin, close };
}

/** A code block of a page, by the file that it shows. */
async function shown(file: string, page = "README.md"): Promise<string> {
  const path = `examples/${page === "README.md" ? "readme" : "guides"}/src/${file}`;
  const code = (await readFile(repository + page, "utf8")).split(`<!-- code: ${path} -->\n\`\`\`ts\n`)[1];
  if (code === undefined) throw new Error(`${page} does not show ${file}`);
  return code.slice(0, code.indexOf("```"));
}

/** An empty project but for its manifest, in which the tarballs stand for what a registry would have. */
async function emptyProject(name: string): Promise<string> {
  const folder = join(root, name.replace(" ", "-"));
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
  // It makes this folder the root of a project for the younger yarn.
  if (name === "yarn 4") await writeFile(join(folder, "yarn.lock"), "");
  const overrides = Object.entries(every).map(([pkg, path]) => `  "${pkg}": "${path}"\n`);
  await writeFile(join(folder, "pnpm-workspace.yaml"), `packages: []\noverrides:\n${overrides.join("")}`);
  return folder;
}

describe.each(MANAGERS)("a project that was installed with $name", (manager) => {
  const { name, install, node = [process.execPath], command, environment } = manager;
  it.skipIf(install === undefined)(
    "runs the quick start of the README and all of the first guide as they are copied",
    async () => {
      const folder = await emptyProject(name);
      const env = {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        HOME: process.env.HOME,
        // The younger yarn reads nobody else's settings of the network.
        NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
        ...environment,
      };
      const execute = async (line: readonly string[], more: object = {}): Promise<string> => {
        const [program = "", ...args] = line;
        const options = { cwd: folder, env: { ...env, ...more }, timeout: 180_000 };
        return (await exec(program, args, options)).stdout;
      };
      await execute(install ?? []);
      const run = async (file: string, code: string, more: object = {}): Promise<string> => {
        await writeFile(join(folder, file), code);
        return execute([...node, file], more);
      };
      const known = {
        S2_ACCESS_TOKEN: "ignored",
        S2_ACCOUNT_ENDPOINT: local.endpoints.account,
        S2_BASIN_ENDPOINT: local.endpoints.basin,
        S2_BASIN: "my-basin",
      };
      const output = await run("append-and-read.mjs", await shown("append-and-read.ts"), known);
      expect(output).toMatch(/^appended \d+ to \d+\n\d+ Hello, world! \{ foo: 'bar' \}\n/);
      expect(await run("testing.mjs", await shown("testing.ts"))).toBe("1\n");
      const started = await run("start.mjs", await shown("start.ts", "docs/start.md"));
      expect(started).toMatch(/^stored as 0 and 1\n[\s\S]*followed 2 still there\?\n$/);
      // What people who are not at home with modules write.
      const required = 'const { S2 } = require("@s2-dev/streamstore"); console.log(typeof S2);';
      expect(await run("required.cjs", required)).toBe("function\n");
      const program =
        command === undefined ? [join(folder, "node_modules", ".bin", "s2-local")] : [...command, "s2-local"];
      expect(await execute([...program, "--help"])).toMatch(/--port/);
      await writeFile(join(folder, "basins.json"), await basinsOfStart());
      const server = await startCommand([...program, "--init", "basins.json"], { cwd: folder, env });
      try {
        const endpoints = { S2_ACCOUNT_ENDPOINT: server.origin, S2_BASIN_ENDPOINT: server.origin };
        const hosted = await shown("start-hosted.ts", "docs/start.md");
        const runHosted = () => run("hosted.mjs", hosted, { ...endpoints, S2_ACCESS_TOKEN: "any" });
        expect([await runHosted(), await runHosted()]).toEqual([
          "created\ndurable at 0\n",
          "noop\ndurable at 1\n",
        ]);
      } finally {
        await server.close();
      }
    },
  );
});
