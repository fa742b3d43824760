import { library } from "../../tsup.shared.ts";

export default library(
  {
    index: "src/index.ts",
    "index.node": "src/index.node.ts",
    follower: "src/follower.ts",
    errors: "src/errors.ts",
    diagnostics: "src/diagnostics.ts",
  },
  // Handles are `AsyncDisposable`, which a consumer's own choice of `lib` may not have.
  { dts: { banner: '/// <reference lib="esnext.disposable" />' } },
);
