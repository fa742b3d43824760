import { refusingResources } from "../../src/behaviours/refusing-resources.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(refusingResources);
