import { runTopic } from "../src/run-topic.js";
import { conditions } from "../src/behaviours/conditions.js";

runTopic(conditions);
