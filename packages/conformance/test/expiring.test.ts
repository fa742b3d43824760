import { runTopic } from "../src/run-topic.js";
import { expiring } from "../src/behaviours/expiring.js";

runTopic(expiring);
