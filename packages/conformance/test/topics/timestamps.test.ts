import { timestamps } from "../../src/behaviours/timestamps.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(timestamps);
