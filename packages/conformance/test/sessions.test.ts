import { runTopic } from "../src/run-topic.js";
import { sessions } from "../src/behaviours/sessions.js";

runTopic(sessions);
