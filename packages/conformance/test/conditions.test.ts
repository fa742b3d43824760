import { runTopic } from "../src/run-topic.js";
import { conditions } from "../src/topics/conditions.js";

runTopic(conditions);
