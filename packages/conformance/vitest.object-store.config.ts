import { defineConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";

const shared = packageTests("object-store");

/** s2-lite on an object store. The store's server is installed from PyPI at the first time, which takes a minute. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["test/object-store/**/*.test.ts"], hookTimeout: 400_000 },
});
