import { sessionFraming } from "../../src/behaviours/session-framing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(sessionFraming);
