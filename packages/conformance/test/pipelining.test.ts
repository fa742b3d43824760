import { runTopic } from "../src/run-topic.js";
import { pipelining } from "../src/topics/pipelining.js";

runTopic(pipelining);
