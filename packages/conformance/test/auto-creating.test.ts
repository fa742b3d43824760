import { runTopic } from "../src/run-topic.js";
import { autoCreating } from "../src/topics/auto-creating.js";

runTopic(autoCreating);
