import { rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGE_PROGRAMS, type PageProgram } from "../../src/first-loads.js";
import { createProject, type Project } from "../../src/packed.js";

let project: Project;

beforeAll(async () => {
  project = await createProject(["@s2-dev/streamstore", "@s2-dev/streamstore-patterns"]);
});

afterAll(() => rm(project.root, { recursive: true, force: true }));

interface Bundle {
  readonly code: string;
  readonly files: readonly string[];
  readonly external: readonly string[];
}

/** What a bundler makes of the packed packages; modules of Node stay outside, and can be seen. */
async function bundle(
  program: string,
  platform: "browser" | "neutral" | "node",
  conditions: readonly string[],
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: project.root },
    bundle: true,
    format: "esm",
    platform,
    conditions: [...conditions],
    // A neutral bundle looks at `exports` alone; what has none would not be found.
    mainFields: ["module", "main"],
    external: ["node:*", "undici"],
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return {
    code: outputFiles.map(({ text }) => text).join("\n"),
    files: Object.keys(metafile.inputs),
    external: Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)),
  };
}

const CLIENT = `export { S2 } from "@s2-dev/streamstore";`;
const FOLLOWER = `export { createFollower } from "@s2-dev/streamstore/follower";`;

/** How tools ask that bundle for somewhere else than Node; several say "node" besides. */
const ELSEWHERE = [
  ["a browser", "browser", []],
  ["a browser, by a tool that also says node", "browser", ["node", "browser"]],
  ["Cloudflare Workers", "browser", ["workerd", "worker", "browser"]],
  ["Cloudflare Workers with Node's compatibility", "neutral", ["node", "workerd", "worker"]],
  ["an edge function", "neutral", ["node", "edge-light"]],
  ["React Native", "neutral", ["node", "react-native"]],
  ["nowhere in particular", "neutral", []],
] as const;

describe.each(ELSEWHERE)("a bundle of the packed packages for %s", (_, platform, conditions) => {
  it.each([
    ["the client", CLIENT],
    ["the follower", FOLLOWER],
  ])("has of %s no module of Node, no undici and no s2s transport [D1-68, G-15]", async (_name, program) => {
    const { code, files, external } = await bundle(program, platform, conditions);
    expect(external).toEqual([]);
    expect(code).not.toMatch(/["'`]node:(?!http2, which)|getBuiltinModule/);
    expect(files.filter((file) => /transport-s2s|undici|\.node\.js|zod/.test(file))).toEqual([]);
  });
});

describe("a bundle of the packed packages for Node", () => {
  it("has the s2s transport, and needs nothing but Node beside it", async () => {
    const { files, external } = await bundle(CLIENT, "node", []);
    expect(files.some((file) => /transport-s2s/.test(file))).toBe(true);
    expect(external.filter((path) => !path.startsWith("node:"))).toEqual([]);
  });
});

describe("a bundle of the follower", () => {
  it("has no code that appends, and none that manages", async () => {
    const { code } = await bundle(FOLLOWER, "browser", []);
    expect(code).toContain("text/event-stream");
    expect(code).not.toMatch(/maxInflightBytes must|access-tokens|WRITER_CONFLICT"\)|PostingAppendLink/);
  });
});

/** What a page loads at first of a program that is split, as esbuild makes it of the packed packages. */
async function firstLoad({ main, route }: PageProgram): Promise<readonly Uint8Array[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: main, resolveDir: project.root },
    absWorkingDir: project.root,
    outdir: project.root,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    write: false,
    logLevel: "silent",
    plugins: [routeOf(route)],
  });
  const isEntry = (path: string): boolean => metafile.outputs[path]?.entryPoint === "<stdin>";
  const first = Object.keys(metafile.outputs).filter(isEntry);
  // Grows while it is gone through.
  for (const path of first) {
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === "import-statement" && !first.includes(imported)) first.push(imported);
  }
  const files = outputFiles.filter(({ path }) => first.some((name) => path.endsWith(`/${name}`)));
  expect(files).toHaveLength(first.length);
  return files.map(({ contents }) => contents);
}

/** The program's route, as a file beside its entry. */
function routeOf(contents = ""): Plugin {
  return {
    name: "route",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\/route\.js$/ }, ({ path }) => ({ path, namespace: "route" }));
      onLoad({ filter: /.*/, namespace: "route" }, () => ({ contents, resolveDir: project.root }));
    },
  };
}

describe("a bundle of the packed packages that is split", () => {
  it.each(PAGE_PROGRAMS)(
    "has of $name at first what makes calls, and the rest when it is needed [G-15]",
    async (program) => {
      const files = await firstLoad(program);
      const code = files.map((contents) => new TextDecoder().decode(contents)).join("\n");
      // Not the code itself, which would be the report.
      expect(code.includes("REQUEST_TIMEOUT")).toBe(true);
      const bytes = files.reduce((sum, contents) => sum + gzipSync(contents, { level: 9 }).length, 0);
      expect(bytes).toBeLessThan(program.mostAtFirst);
    },
  );

  it("has neither sessions nor the table of calls in the first load of the client", async () => {
    const [client] = PAGE_PROGRAMS;
    const files = await firstLoad(client as PageProgram);
    const code = files.map((contents) => new TextDecoder().decode(contents)).join("\n");
    expect(code).not.toMatch(/text\/event-stream|maxInflightBytes|access-tokens/);
  });
});
