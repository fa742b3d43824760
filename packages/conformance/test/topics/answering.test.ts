import { answering } from "../../src/behaviours/answering.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(answering);
