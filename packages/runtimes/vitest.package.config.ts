import { defineConfig, mergeConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";

/** The packages as they would be published, in the hands of tools: needs a build. */
export default mergeConfig(
  packageTests("runtimes-packaging"),
  defineConfig({ test: { include: ["packaging/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } }),
);
