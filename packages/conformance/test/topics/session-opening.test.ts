import { sessionOpening } from "../../src/behaviours/session-opening.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(sessionOpening);
