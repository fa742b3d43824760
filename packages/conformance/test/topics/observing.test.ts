import { observing } from "../../src/behaviours/observing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(observing);
