import { runTopic } from "../src/run-topic.js";
import { basins } from "../src/topics/basins.js";

runTopic(basins);
