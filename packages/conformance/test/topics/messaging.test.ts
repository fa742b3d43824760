import { messaging } from "../../src/behaviours/messaging.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(messaging);
