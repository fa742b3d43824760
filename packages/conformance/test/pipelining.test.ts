import { runTopic } from "../src/run-topic.js";
import { pipelining } from "../src/behaviours/pipelining.js";

runTopic(pipelining);
