import { negotiating } from "../../src/behaviours/negotiating.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(negotiating);
