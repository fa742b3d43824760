import { library } from "../../tsup.shared.ts";

export default library(
  {
    index: "src/index.ts",
    "index.node": "src/index.node.ts",
    camel: "src/camel/index.ts",
    follower: "src/follower.ts",
    errors: "src/errors.ts",
    diagnostics: "src/diagnostics.ts",
  },
  {
    // The bridge is made of the published main entry: of whichever form the runtime gets, and without a byte in it.
    external: ["@s2-dev/streamstore"],
    // Handles are `AsyncDisposable`, which a consumer's own choice of `lib` may not have.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
  },
);
