import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const PATTERNS = "@s2-dev/streamstore-patterns";

const README = `${root}packages/patterns/README.md`;

/** The entries, each with the folders of the package that it may bring along. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  ai: ["ai", "options", "lease", "random", "sse", "reading", "cursor"],
  serialization: ["options", "random", "serialization"],
  reading: ["reading", "cursor", "options"],
  writing: ["options", "writing"],
  cursor: ["cursor"],
  lease: ["lease", "options", "random", "reading"],
  sse: ["sse", "options", "reading", "cursor"],
  tokens: ["options", "random", "tokens"],
  typed: ["options", "random", "reading", "serialization", "typed"],
  msgpack: ["msgpack"],
};

interface Bundle {
  /** Bytes, minified and gzipped. */
  readonly size: number;
  /** Files of which something is in it, from `packages` on. */
  readonly files: readonly string[];
}

/** What a bundler makes for a browser of a module of this text. */
async function bundle(contents: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@s2-dev/source"],
  });
  const [output] = Object.values(metafile.outputs);
  const files = Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => path.replace(/^(?:\.\.\/)+/, ""));
  return { size: gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length, files };
}

const foldersOf = ({ files }: Bundle): string[] => [
  ...new Set(files.flatMap((file) => /^patterns\/src\/([^/]+)\//.exec(file)?.[1] ?? [])),
];

describe.each(Object.entries(ENTRIES))("the entry %s of the patterns", (entry, folders) => {
  const all = `export * from "${PATTERNS}/${entry}";`;

  it("brings along only what it needs of the others, and nothing of a client", async () => {
    const made = await bundle(all);
    expect(foldersOf(made).sort()).toEqual([...folders].sort());
    expect(made.files.filter((file) => /^(?:streamstore|transport-|local)/.test(file))).toEqual([]);
    const libraries = made.files.flatMap(
      (file) => /node_modules\/((?:@[^/]+\/)?[^/.]+)\//.exec(file)?.[1] ?? [],
    );
    expect([...new Set(libraries)]).toEqual(entry === "msgpack" ? ["@msgpack/msgpack"] : []);
  });

  it("adds to a page with a client what the README says", async () => {
    const client = `export { S2 } from "@s2-dev/streamstore";`;
    const added = (await bundle(client + all)).size - (await bundle(client)).size;
    const row = new RegExp(`^(\\| \`/${entry}\` \\|.*\\|) ([\\d.]+) \\|$`, "m");
    const readme = readFileSync(README, "utf8");
    if (process.env.S2_UPDATE_SIZES === "1") {
      writeFileSync(README, readme.replace(row, `$1 ${(added / 1000).toFixed(1)} |`));
      return;
    }
    const said = Number(row.exec(readme)?.[2]);
    expect(Math.abs(said - added / 1000), `${added} bytes; the README says ${said} kB`).toBeLessThan(0.3);
  });
});

it.each([
  ["acquireLease", "lease"],
  ["readAll", "reading"],
  ["eventStreamResponse", "sse"],
  ["appendAll", "writing"],
  ["answerResponse", "ai"],
  ["createCursor", "cursor"],
  ["issueReaderToken", "tokens"],
  ["SerializingAppendSession", "serialization"],
  ["DeserializingReadSession", "serialization"],
  ["typed", "typed"],
])("from the root, %s brings along no more than from its entry", async (name, entry) => {
  const fromRoot = await bundle(`export { ${name} } from "${PATTERNS}";`);
  const fromEntry = await bundle(`export { ${name} } from "${PATTERNS}/${entry}";`);
  expect(foldersOf(fromRoot).sort()).toEqual(foldersOf(fromEntry).sort());
  expect(fromRoot.size).toBeLessThan(fromEntry.size * 1.02);
});
