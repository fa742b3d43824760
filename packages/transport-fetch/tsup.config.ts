import { fileURLToPath } from "node:url";
import { allReach, library, oneNameOfCore } from "../../tsup.shared.ts";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const NODE = { "index.node": "src/index.node.ts" };
const OTHERS = {
  index: "src/index.ts",
  appending: "src/appending.ts",
  calls: "src/calls.ts",
  "calls.browser": "src/calls.browser.ts",
  framed: "src/framed.ts",
  parts: "src/parts.ts",
  "parts.browser": "src/parts.browser.ts",
  read: "src/read.ts",
  "read.browser": "src/read.browser.ts",
  reading: "src/reading.ts",
};

export default [
  // What a page loads at first is one file, and the rest is divided by who needs it.
  library(OTHERS, {
    dts: { entry: { ...OTHERS, ...NODE } },
    esbuildPlugins: [allReach(source(OTHERS.calls), Object.values(OTHERS).map(source))],
    clean: false,
  }),
  // Apart, so that it shares no chunk with the others: a file costs a program that starts about a millisecond.
  library(NODE, { ...oneNameOfCore(), clean: false, dts: false, splitting: false }),
];
