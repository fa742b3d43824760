import { sessions } from "../../src/behaviours/sessions.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(sessions);
