import { runTopic } from "../src/run-topic.js";
import { negotiating } from "../src/topics/negotiating.js";

runTopic(negotiating);
