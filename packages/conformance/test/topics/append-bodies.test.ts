import { appendBodies } from "../../src/behaviours/append-bodies.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(appendBodies);
