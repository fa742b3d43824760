import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { allReach, dividedExports, library, oneNameOfCore } from "../../tsup.shared.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const NODE = { "index.node": "src/index.node.ts" };
/** What a page loads when it first needs it. */
const ON_DEMAND = {
  appending: "src/appending.ts",
  control: "src/control.ts",
  "exactly-once": "src/exactly-once.ts",
  reading: "src/reading.ts",
  "refreshing-credentials": "src/refreshing-credentials.ts",
  "unary-read": "src/unary-read.ts",
};
const OTHERS = {
  index: "src/index.ts",
  camel: "src/camel/index.ts",
  diagnostics: "src/diagnostics.ts",
  errors: "src/errors.ts",
  follower: "src/follower.ts",
};
const AT_FIRST = source("src/at-first.ts");
/** What `index` exports by `export *`. */
const EXPORTS = Object.fromEntries(
  readdirSync(source("src/exports")).map((file) => [
    `exports-${basename(file, ".ts")}`,
    source(`src/exports/${file}`),
  ]),
);
// The bridge is made of the published main entry: of whichever form the runtime gets, and without a byte in it.
const external = ["@s2-dev/streamstore"];

export default [
  library(
    { ...OTHERS, ...ON_DEMAND, ...EXPORTS },
    {
      external,
      esbuildPlugins: [
        dividedExports(EXPORTS, AT_FIRST),
        // Else core, the transport and the client were three chunks at first, since each is reached by other parts.
        allReach(AT_FIRST, Object.values(ON_DEMAND).map(source), "S2Client"),
      ],
      clean: false,
      dts: {
        entry: { ...OTHERS, appending: ON_DEMAND.appending, reading: ON_DEMAND.reading, ...NODE },
        // Handles are `AsyncDisposable`, which a consumer's own choice of `lib` may not have.
        banner: '/// <reference lib="esnext.disposable" />',
      },
    },
  ),
  // Apart, so that it shares no chunk with the others: a file costs a program that starts about a millisecond.
  library(NODE, { ...oneNameOfCore(), external, clean: false, dts: false, splitting: false }),
];
