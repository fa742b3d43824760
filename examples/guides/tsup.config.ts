import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/*.ts",
    "!src/tls-front.ts",
    "!src/connect-proxy.ts",
    "!src/socks-server.ts",
    "!src/loopback.ts",
  ],
  format: "esm",
  platform: "node",
  target: "node20",
  clean: true,
});
