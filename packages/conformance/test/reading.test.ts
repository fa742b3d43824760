import { runTopic } from "../src/run-topic.js";
import { reading } from "../src/behaviours/reading.js";

runTopic(reading);
