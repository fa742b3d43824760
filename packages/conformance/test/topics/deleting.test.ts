import { deleting } from "../../src/behaviours/deleting.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(deleting);
