import { autoCreating } from "../../src/behaviours/auto-creating.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(autoCreating);
