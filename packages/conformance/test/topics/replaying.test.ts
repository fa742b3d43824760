import { replaying } from "../../src/behaviours/replaying.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(replaying);
