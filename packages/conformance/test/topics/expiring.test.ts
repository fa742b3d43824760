import { expiring } from "../../src/behaviours/expiring.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(expiring);
