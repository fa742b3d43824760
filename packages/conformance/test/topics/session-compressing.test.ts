import { sessionCompressing } from "../../src/behaviours/session-compressing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(sessionCompressing);
