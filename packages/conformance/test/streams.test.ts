import { runTopic } from "../src/run-topic.js";
import { streams } from "../src/behaviours/streams.js";

runTopic(streams);
