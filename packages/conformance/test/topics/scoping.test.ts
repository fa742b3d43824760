import { scoping } from "../../src/behaviours/scoping.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(scoping);
