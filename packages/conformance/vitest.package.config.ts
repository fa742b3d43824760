import { defineConfig } from "vitest/config";

/** The packages as they would be published, installed and used: needs a build. */
export default defineConfig({
  test: { include: ["test/package/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
});
