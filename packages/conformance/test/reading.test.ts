import { runTopic } from "../src/run-topic.js";
import { reading } from "../src/topics/reading.js";

runTopic(reading);
