import { sessionAppending } from "../../src/behaviours/session-appending.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(sessionAppending);
