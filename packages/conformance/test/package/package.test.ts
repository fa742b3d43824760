import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProject, type Project, PUBLISHED } from "../../src/packed.js";
import { OUTPUT, PROGRAMS, TWO_COPIES, TYPED_PROJECTS } from "./consumers.js";

const exec = promisify(execFile);

let project: Project;

beforeAll(async () => {
  project = await createProject([
    "@s2-dev/streamstore",
    "@s2-dev/streamstore-local",
    "@s2-dev/streamstore-patterns",
    "@types/node",
  ]);
});

afterAll(() => rm(project.root, { recursive: true, force: true }));

/** Writes a file into the project and runs it, or what is given, until it ends by itself. */
async function runIn(name: string, code: string, program: readonly string[] = [name]): Promise<string> {
  await writeFile(join(project.root, name), code);
  const options = { cwd: project.root, timeout: 120_000, env: { PATH: process.env.PATH, NO_COLOR: "1" } };
  const { stdout, stderr } = await exec(process.execPath, [...program], options).catch((error) => error);
  return `${stdout}${stderr}`;
}

describe("the packed packages", () => {
  it("let the helper for the tests of Node be loaded, as ESM and as CJS", async () => {
    const names = '["createTestClock","useLocal"]\n';
    const print = (module: string): string => `console.log(JSON.stringify(Object.keys(${module}).sort()));`;
    const esm = `import * as helper from "@s2-dev/streamstore-local/node-test"; ${print("helper")}`;
    expect(await runIn("node-test.mjs", esm)).toBe(names);
    expect(await runIn("node-test.cjs", print('require("@s2-dev/streamstore-local/node-test")'))).toBe(names);
  });

  it("are all there, with one version", () => {
    expect(project.installed).toHaveLength(PUBLISHED.length);
    expect(new Set(project.installed.map(({ manifest }) => manifest.version)).size).toBe(1);
  });

  it("name the modules of Node with their prefix, without which Deno and Workers do not know them", async () => {
    const bare = new RegExp(
      `(?:from|import|import\\(|require\\()\\s*["'](?:${builtinModules.join("|")})["']`,
    );
    for (const { files, manifest, path } of project.installed) {
      for (const file of files.filter((name) => /\.[cm]?js$/.test(name))) {
        expect(await readFile(join(path, file), "utf8"), `${manifest.name}/${file}`).not.toMatch(bare);
      }
    }
  });

  it("have no CJS that requires a file of ESM, which older runtimes and bundlers cannot", async () => {
    const files = project.installed.flatMap(({ path, files }) =>
      files.filter((file) => file.endsWith(".cjs")).map((file) => join(path, file)),
    );
    const sources = await Promise.all(files.map((file) => readFile(file, "utf8")));
    const esm = sources.flatMap((source) => source.match(/require\(["']\.[^"']*\.js["']\)/g) ?? []);
    expect(files).not.toEqual([]);
    expect(esm).toEqual([]);
  });

  it("name what they depend on in versions that a registry knows [D1-67]", () => {
    for (const { manifest } of project.installed) {
      for (const range of Object.values({ ...manifest.dependencies, ...manifest.peerDependencies })) {
        expect(range).toMatch(/^[\^~>=]*\d/);
      }
    }
  });

  it("have few dependencies that are not of their own [G-15]", () => {
    const names = project.installed.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}));
    const others = new Set(names.filter((name) => !name.startsWith("@s2-dev/")));
    expect([...others].sort()).toEqual(["zod"]);
  });

  it("contain code, types, readme and licence, and neither tests nor their helpers [D2-21]", () => {
    for (const { files, manifest } of project.installed) {
      expect(files, manifest.name).toEqual(
        expect.arrayContaining([
          "LICENSE",
          "README.md",
          ...[manifest.main, manifest.module, manifest.types].map((path = "?") => path.replace("./", "")),
        ]),
      );
      expect(
        files.filter((file) => /\.test\.|fixture|(^|\/)tests?(\/|$)|tsconfig|vitest\.config/.test(file)),
      ).toEqual([]);
    }
  });
});

describe.concurrent("a consumer of the packed packages", () => {
  it.each(Object.entries(PROGRAMS))("runs %s over both transports [D1-67]", async (name, code) => {
    expect(await runIn(name, code)).toBe(OUTPUT);
  });

  it("may load the ESM and the CJS copy, whose errors know each other [D1-25]", async () => {
    expect(await runIn("copies.mjs", TWO_COPIES)).toBe("false true false\n");
  });

  it.each(Object.entries(TYPED_PROJECTS))(
    "compiles with %s resolution, declarations included [D1-67]",
    async (name, { files, options }) => {
      const compilerOptions = {
        target: "ES2022",
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        ...options,
      };
      for (const [file, code] of Object.entries(files)) await writeFile(join(project.root, file), code);
      const config = JSON.stringify({ compilerOptions, files: Object.keys(files) });
      const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
      expect(await runIn(`tsconfig.${name}.json`, config, [compiler, "-p", `tsconfig.${name}.json`])).toBe(
        "",
      );
    },
  );

  it.each([
    ["page.mjs", 'import { startLocal } from "@s2-dev/streamstore-local";'],
    ["page.cjs", 'const { startLocal } = require("@s2-dev/streamstore-local");'],
  ])("finds the page of the local server with all its files, from %s", async (name, load) => {
    const code = `${load}
(async () => {
  const local = await startLocal();
  const page = await (await fetch(local.origin + "/dashboard")).text();
  for (const [, path] of page.matchAll(/(?:src|href)="(dashboard[^"]+)"/g)) {
    const file = await fetch(local.origin + "/" + path);
    console.log(file.status, file.headers.get("content-type"));
  }
  await local.close();
})();`;
    expect((await runIn(name, code)).trim().split("\n").sort()).toEqual([
      "200 text/css; charset=utf-8",
      "200 text/javascript; charset=utf-8",
    ]);
  });

  it("finds the command s2-local, which says how to use it [D1-67]", async () => {
    const local = project.installed.find(({ manifest }) => manifest.bin?.["s2-local"] !== undefined);
    const bin = join(local?.path ?? "", local?.manifest.bin?.["s2-local"] ?? "");
    expect(await runIn("empty.mjs", "", [bin, "--help"])).toMatch(/--port/);
  });
});
