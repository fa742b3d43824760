import { runTopic } from "../src/run-topic.js";
import { agreeing } from "../src/behaviours/agreeing.js";

runTopic(agreeing);
