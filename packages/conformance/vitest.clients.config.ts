import { defineConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";

const shared = packageTests("real-clients");

/** Clients that nobody here wrote; the one in Rust is built first, which may take minutes. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["test/real-clients/**/*.test.ts"], testTimeout: 120_000 },
});
