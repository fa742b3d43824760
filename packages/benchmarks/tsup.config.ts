import { program } from "../../tsup.shared.ts";

// What is measured stays outside, as its users load it; only the harness itself is bundled.
export default program(
  {
    bench: "src/bench.ts",
    many: "src/many.ts",
    durable: "src/durable.ts",
    start: "src/start.ts",
    client: "src/client.ts",
    server: "src/server.ts",
    profile: "src/profile.ts",
    throughput: "src/throughput.ts",
  },
  { clean: false, skipNodeModulesBundle: true },
);
