import { defineConfig, mergeConfig } from "vitest/config";
import { packageTests } from "../../vitest.shared.ts";

/** Clients that nobody here wrote; the one in Rust is built first, which may take minutes. */
export default mergeConfig(
  packageTests("real-clients"),
  defineConfig({ test: { include: ["test/real-clients/**/*.test.ts"], exclude: [], testTimeout: 120_000 } }),
);
