import { conditions } from "../../src/behaviours/conditions.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(conditions);
