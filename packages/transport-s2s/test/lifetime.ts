import { runScenario } from "@s2-dev/transport-testing/lifetime";
import { createS2sTransport } from "../src/index.js";

await runScenario(createS2sTransport());
