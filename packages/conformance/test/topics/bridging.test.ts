import { bridging } from "../../src/behaviours/bridging.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(bridging);
