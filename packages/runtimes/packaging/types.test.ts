import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProject, type Project } from "@s2-dev/conformance/packed.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const exec = promisify(execFile);
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
let project: Project;

beforeAll(async () => {
  project = await createProject([
    "@s2-dev/streamstore",
    "@s2-dev/streamstore-core",
    "@s2-dev/streamstore-local",
    "@s2-dev/streamstore-otel",
    "@s2-dev/streamstore-patterns",
    "@s2-dev/streamstore-transport-fetch",
    "@s2-dev/streamstore-transport-s2s",
    "@types/node",
    "vitest",
  ]);
});

afterAll(() => rm(project.root, { recursive: true, force: true }));

/** Every entry that has types, by its specifier. */
function entries(): string[] {
  return project.installed.flatMap(({ manifest: { name, exports = {} } }) =>
    Object.entries(exports)
      .filter(([, target]) => typeof target === "object")
      .map(([entry]) => `${name}${entry.slice(1)}`),
  );
}

/** A program that imports all of these, and fails to compile if one of them is `any`. */
function importing(specifiers: readonly string[]): string {
  return specifiers
    .map(
      (specifier, index) =>
        `import * as entry${index} from "${specifier}";
export const type${index}: 0 extends 1 & typeof entry${index} ? never : "typed" = "typed"; void entry${index};`,
    )
    .join("\n");
}

/** What the compiler complains of. */
async function compile(
  name: string,
  files: Readonly<Record<string, string>>,
  options: object,
): Promise<string> {
  const folder = join(project.root, name);
  await mkdir(folder);
  for (const [file, code] of Object.entries(files)) await writeFile(join(folder, file), code);
  const compilerOptions = {
    target: "ES2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    ...options,
  };
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: Object.keys(files) }),
  );
  const { stdout } = await exec(process.execPath, [compiler, "-p", folder]).catch((error) => error);
  return stdout;
}

/** `vitest` itself does not compile without its own options. */
const ofVitest = /streamstore-local\/vitest$/;
const needsNode = /streamstore-(local|transport-s2s)|node-test/;

describe("every entry of the packed packages compiles, declarations included,", () => {
  it("as ESM and as CJS on Node, without the library of the DOM or that of disposables", async () => {
    const code = importing(entries().filter((entry) => !ofVitest.test(entry)));
    const options = { module: "node16", lib: ["ES2022"], types: ["node"] };
    expect(await compile("node16", { "a.mts": code, "b.cts": code }, options)).toBe("");
  });

  it("for a bundler, without Node and without the library of disposables", async () => {
    const code = importing(entries().filter((entry) => !needsNode.test(entry)));
    const options = { module: "esnext", moduleResolution: "bundler", lib: ["ES2022", "DOM"], types: [] };
    expect(await compile("bundler", { "a.ts": code }, options)).toBe("");
  });

  it("as a worker's, for a bundler that asks for workerd", async () => {
    const code = importing(entries().filter((entry) => !needsNode.test(entry)));
    const options = {
      module: "esnext",
      moduleResolution: "bundler",
      customConditions: ["workerd", "worker"],
      lib: ["ES2022", "WebWorker"],
      types: [],
    };
    expect(await compile("worker", { "a.ts": code }, options)).toBe("");
  });

  it("with the resolution of Node 10, which does not look at exports", async () => {
    const code = importing(entries().filter((entry) => !ofVitest.test(entry)));
    const options = {
      module: "commonjs",
      moduleResolution: "node10",
      // zod's declarations need it.
      esModuleInterop: true,
      lib: ["ES2022"],
      types: ["node"],
    };
    expect(await compile("node10", { "a.ts": code }, options)).toBe("");
  });
});
