import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { allReach, dividedExports, library } from "../../tsup.shared.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What has a file of its own on Node; the other entries share that of `core`. */
const FOR_NODE = {
  control: "src/control.ts",
  errors: "src/errors.ts",
  "exactly-once": "src/exactly-once.ts",
  operations: "src/operations.ts",
  schemas: "src/schemas/index.ts",
  testing: "src/testing/index.ts",
};

const ENTRIES = {
  ...FOR_NODE,
  appending: "src/appending.ts",
  client: "src/client.ts",
  index: "src/index.ts",
  reading: "src/reading.ts",
  session: "src/session.ts",
  transport: "src/transport.ts",
  "unary-read": "src/unary-read.ts",
  wire: "src/wire.ts",
};

/** What `index`, `reading`, `transport` and `wire` export by `export *`. */
const EXPORTS = Object.fromEntries(
  readdirSync(source("src/exports")).map((file) => [
    `exports-${basename(file, ".ts")}`,
    source(`src/exports/${file}`),
  ]),
);
const FOR_BUNDLERS = { ...ENTRIES, ...EXPORTS };

export default [
  library(
    { core: "src/core.ts", ...FOR_NODE },
    {
      tsconfig: "tsconfig.neutral.json",
      dts: { entry: ENTRIES },
      esbuildPlugins: [allReach(source("src/core.ts"), Object.values(FOR_NODE).map(source))],
      clean: false,
    },
  ),
  // For bundlers that split: what a client loads at first is one file, and the rest is divided by who needs it.
  library(FOR_BUNDLERS, {
    tsconfig: "tsconfig.neutral.json",
    format: "esm",
    outDir: "dist/split",
    dts: false,
    esbuildPlugins: [
      dividedExports(EXPORTS, source(ENTRIES.client)),
      allReach(source(ENTRIES.client), Object.values(ENTRIES).map(source)),
    ],
    clean: false,
  }),
];
