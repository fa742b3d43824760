import { runTopic } from "../src/run-topic.js";
import { streams } from "../src/topics/streams.js";

runTopic(streams);
