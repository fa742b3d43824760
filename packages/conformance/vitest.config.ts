import { availableParallelism } from "node:os";
import { defineConfig, mergeConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";
import { PairTable } from "./src/report.ts";

// Not `module`: those files of OpenTelemetry, which the AI SDK brings along, are for bundlers only.
const conditions = ["@s2-dev/source", "node", "development|production"];

const config = mergeConfig(
  packageTests("conformance"),
  defineConfig({
    test: {
      // What is published needs a build: `check:package` runs these. `real-clients` and `object-store` have
      // configurations of their own.
      exclude: ["test/package/**", "test/real-clients/**", "test/object-store/**", "**/node_modules/**"],
      globalSetup: ["src/global-setup.ts"],
      reporters: [new PairTable()],
      // Beyond what a behaviour waits for the service at most.
      testTimeout: 300_000,
      maxConcurrency: 16,
      // Some behaviours wait for the service for a minute: others go on meanwhile.
      maxWorkers: Math.max(2, availableParallelism() - 1),
    },
  }),
);

export default { ...config, resolve: { conditions }, ssr: { resolve: { conditions } } };
