import { reading } from "../../src/behaviours/reading.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(reading);
