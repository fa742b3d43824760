import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

// Siblings are imported from their sources, so no test needs a build. The rest are vite's own conditions for Node.
const conditions = ["@s2-dev/source", "module", "node", "development|production"];

/**
 * The vitest configuration of one package. With `S2_TEST_RESULTS` set to a directory, each run also leaves a JSON
 * report there, under a name of its own.
 */
export function packageTests(name: string): ViteUserConfig {
  const results = process.env.S2_TEST_RESULTS;
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      // A guard against hanging, far above what any test takes: a busy machine must not fail one.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      // So is this; a second, which is the default, is soon over on one.
      expect: { poll: { timeout: 30_000 } },
      include: ["src/**/*.test.ts", "test/**/*.test.ts"],
      reporters: results
        ? ["default", ["json", { outputFile: join(results, `${name}-${process.pid}.json`) }]]
        : ["default"],
    },
  });
}
