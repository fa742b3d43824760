import { defineConfig } from "vitest/config";

/** What is published, bundled as users do: needs a build. */
export default defineConfig({
  test: { include: ["test/bundle.test.ts"], env: { BUNDLE_OF: "dist" } },
});
