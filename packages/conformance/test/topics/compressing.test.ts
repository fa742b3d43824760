import { compressing } from "../../src/behaviours/compressing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(compressing);
