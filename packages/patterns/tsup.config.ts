import { library } from "../../tsup.shared.ts";

export default library(
  {
    index: "src/index.ts",
    ai: "src/ai/index.ts",
    cursor: "src/cursor/index.ts",
    lease: "src/lease/index.ts",
    msgpack: "src/msgpack/index.ts",
    reading: "src/reading/index.ts",
    serialization: "src/serialization/index.ts",
    sse: "src/sse/index.ts",
    tokens: "src/tokens/index.ts",
    typed: "src/typed/index.ts",
    writing: "src/writing/index.ts",
  },
  {
    tsconfig: "tsconfig.neutral.json",
    // Handles are `AsyncDisposable`, which a consumer's own choice of `lib` may not have.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
  },
);
