import { basins } from "../../src/behaviours/basins.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(basins);
