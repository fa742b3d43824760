import { runTopic } from "../src/run-topic.js";
import { timestamps } from "../src/behaviours/timestamps.js";

runTopic(timestamps);
