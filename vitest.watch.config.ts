import { defineConfig } from "vitest/config";

/**
 * `pnpm watch`: the tests of every package that import, over however many files, what has changed since the last commit,
 * and again at each change.
 */
export default defineConfig({
  test: {
    projects: ["packages/*/vitest.config.ts", "examples/*/vitest.config.ts", "docs/vitest.config.ts"],
    passWithNoTests: true,
    // A changed manifest would run everything, which is what `pnpm test` is for.
    forceRerunTriggers: [],
  },
});
