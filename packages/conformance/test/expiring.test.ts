import { runTopic } from "../src/run-topic.js";
import { expiring } from "../src/topics/expiring.js";

runTopic(expiring);
