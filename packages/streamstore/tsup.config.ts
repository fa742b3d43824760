import { library, oneNameOfCore } from "../../tsup.shared.ts";

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
// The bridge is made of the published main entry: of whichever form the runtime gets, and without a byte in it.
const external = ["@s2-dev/streamstore"];

export default [
  library(OTHERS, {
    external,
    clean: false,
    dts: {
      entry: { ...OTHERS, ...NODE },
      // Handles are `AsyncDisposable`, which a consumer's own choice of `lib` may not have.
      banner: '/// <reference lib="esnext.disposable" />',
    },
  }),
  // Apart, so that it shares no chunk with the others: a file costs a program that starts about a millisecond.
  library(NODE, { ...oneNameOfCore(), external, clean: false, dts: false, splitting: false }),
];
