import { runScenario } from "@s2-dev/transport-testing/lifetime";
import { createFetchTransport } from "../src/index.node.js";

await runScenario(createFetchTransport());
