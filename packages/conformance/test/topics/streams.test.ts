import { streams } from "../../src/behaviours/streams.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(streams);
