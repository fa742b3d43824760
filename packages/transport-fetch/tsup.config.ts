import { library } from "../../tsup.shared.ts";

const NODE = { "index.node": "src/index.node.ts" };
const OTHERS = {
  index: "src/index.ts",
  appending: "src/appending.ts",
  calls: "src/calls.ts",
  framed: "src/framed.ts",
  read: "src/read.ts",
  reading: "src/reading.ts",
};

export default [
  library(OTHERS, { clean: false, dts: { entry: { ...OTHERS, ...NODE } } }),
  // Apart, so that it shares no chunk with the others: a file costs a program that starts about a millisecond.
  library(NODE, { clean: false, dts: false, splitting: false }),
];
