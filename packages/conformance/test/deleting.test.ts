import { runTopic } from "../src/run-topic.js";
import { deleting } from "../src/topics/deleting.js";

runTopic(deleting);
