import { library } from "../../tsup.shared.ts";

const index = {
  index: "src/index.ts",
  durable: "src/durable.ts",
  vitest: "src/testing/vitest.ts",
  "node-test": "src/testing/node-test.ts",
};

// Two passes, so that the command is ESM only and shares the package's chunks; the build script clears dist first.
export default [
  library({ ...index, bin: "src/bin.ts" }, { format: "esm", clean: false, dts: { entry: index } }),
  // `import.meta.url` is where the page's files are looked for.
  library(index, { format: "cjs", clean: false, shims: true }),
];
