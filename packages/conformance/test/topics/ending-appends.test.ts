import { endingAppends } from "../../src/behaviours/ending-appends.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(endingAppends);
