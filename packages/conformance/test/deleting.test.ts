import { runTopic } from "../src/run-topic.js";
import { deleting } from "../src/behaviours/deleting.js";

runTopic(deleting);
