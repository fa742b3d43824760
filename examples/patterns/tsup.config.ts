import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/*.ts", "!src/node-listener.ts"],
  format: "esm",
  platform: "node",
  target: "node20",
  clean: true,
});
