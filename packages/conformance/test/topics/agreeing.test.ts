import { agreeing } from "../../src/behaviours/agreeing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(agreeing);
