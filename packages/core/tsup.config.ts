import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Options } from "tsup";
import { library } from "../../tsup.shared.ts";

/** Entries with a file of their own; the others share that of `core`. */
const ENTRIES = {
  core: "src/core.ts",
  control: "src/control.ts",
  errors: "src/errors.ts",
  "exactly-once": "src/exactly-once.ts",
  operations: "src/operations.ts",
  schemas: "src/schemas/index.ts",
  testing: "src/testing/index.ts",
};

const TYPES = {
  appending: "src/appending.ts",
  client: "src/client.ts",
  index: "src/index.ts",
  reading: "src/reading.ts",
  session: "src/session.ts",
  transport: "src/transport/index.ts",
  "unary-read": "src/unary-read.ts",
  wire: "src/wire.ts",
};

const SOURCES = ["src/**/*.ts", "!src/**/*.test.ts", "!src/**/*.fixture.ts"];

const core = fileURLToPath(new URL(ENTRIES.core, import.meta.url));
const others = new Set(Object.values(ENTRIES).map((path) => fileURLToPath(new URL(path, import.meta.url))));
others.delete(core);

/**
 * Makes every entry reach all of `core`. A bundler puts modules that the same entries reach into one chunk: this way
 * there is one, where there were twenty.
 */
const oneChunk: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "one-chunk",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!others.has(path)) return undefined;
      const source = await readFile(path, "utf8");
      return { contents: `${source}\nimport ${JSON.stringify(core)};\n`, loader: "ts" };
    });
    // Else the import of a module "without side effects" for nothing would be dropped.
    build.onResolve({ filter: /^[./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === oneChunk.name) return undefined;
      const options = { importer, kind, resolveDir, pluginData: oneChunk.name };
      const resolved = await build.resolve(path, options);
      return resolved.errors.length > 0 ? undefined : { path: resolved.path, sideEffects: true };
    });
  },
};

const { core: _, ...typed } = ENTRIES;

export default [
  library(ENTRIES, {
    tsconfig: "tsconfig.neutral.json",
    dts: { entry: { ...TYPES, ...typed } },
    esbuildPlugins: [oneChunk],
    clean: false,
  }),
  // For bundlers, file by file: they put together what is loaded together, as no bundle made here could know.
  library([...SOURCES], {
    tsconfig: "tsconfig.neutral.json",
    format: "esm",
    outDir: "dist/modules",
    bundle: false,
    dts: false,
    clean: false,
  }),
];
