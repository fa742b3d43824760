import { defineConfig, mergeConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";

/** The packages as they would be published, in every runtime that can be had: needs a build, and downloads runtimes. */
export default mergeConfig(
  packageTests("runtimes-matrix"),
  defineConfig({
    test: {
      include: ["matrix/**/*.test.ts"],
      globalSetup: ["matrix/set-up.ts"],
      testTimeout: 600_000,
      hookTimeout: 600_000,
      fileParallelism: false,
      // Each is a process of its own.
      maxConcurrency: 4,
    },
  }),
);
