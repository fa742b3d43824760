import { fileURLToPath } from "node:url";
import { dividedExports, library, oneNameOfCore } from "../../tsup.shared.ts";

const NODE = { "index.node": "src/index.node.ts" };
const OTHERS = {
  index: "src/index.ts",
  appending: "src/appending.ts",
  camel: "src/camel/index.ts",
  diagnostics: "src/diagnostics.ts",
  errors: "src/errors.ts",
  follower: "src/follower.ts",
  reading: "src/reading.ts",
};
/** What `index` exports by `export *`. */
const EXPORTS = Object.fromEntries(
  ["append-errors", "following", "managing", "observing", "producing", "records"].map((name) => [
    `exports-${name}`,
    fileURLToPath(new URL(`src/exports/${name}.ts`, import.meta.url)),
  ]),
);
// The bridge is made of the published main entry: of whichever form the runtime gets, and without a byte in it.
const external = ["@s2-dev/streamstore"];

export default [
  library(
    { ...OTHERS, ...EXPORTS },
    {
      external,
      esbuildPlugins: [dividedExports(EXPORTS)],
      clean: false,
      dts: {
        entry: { ...OTHERS, ...NODE },
        // Handles are `AsyncDisposable`, which a consumer's own choice of `lib` may not have.
        banner: '/// <reference lib="esnext.disposable" />',
      },
    },
  ),
  // Apart, so that it shares no chunk with the others: a file costs a program that starts about a millisecond.
  library(NODE, { ...oneNameOfCore(), external, clean: false, dts: false, splitting: false }),
];
