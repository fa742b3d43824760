import { runTopic } from "../src/run-topic.js";
import { negotiating } from "../src/behaviours/negotiating.js";

runTopic(negotiating);
