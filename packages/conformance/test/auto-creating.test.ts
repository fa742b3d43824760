import { runTopic } from "../src/run-topic.js";
import { autoCreating } from "../src/behaviours/auto-creating.js";

runTopic(autoCreating);
