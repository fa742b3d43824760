import { defineConfig, mergeConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";
import { PairTable } from "./src/report.ts";

export default mergeConfig(
  packageTests("conformance"),
  defineConfig({
    test: {
      globalSetup: ["src/global-setup.ts"],
      reporters: [new PairTable()],
      testTimeout: 120_000,
      hookTimeout: 60_000,
      maxConcurrency: 16,
    },
  }),
);
