import { sessionReading } from "../../src/behaviours/session-reading.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(sessionReading);
