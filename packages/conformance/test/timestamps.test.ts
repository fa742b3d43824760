import { runTopic } from "../src/run-topic.js";
import { timestamps } from "../src/topics/timestamps.js";

runTopic(timestamps);
