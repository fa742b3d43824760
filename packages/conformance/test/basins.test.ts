import { runTopic } from "../src/run-topic.js";
import { basins } from "../src/behaviours/basins.js";

runTopic(basins);
