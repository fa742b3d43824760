import { pipelining } from "../../src/behaviours/pipelining.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(pipelining);
