import { endingReads } from "../../src/behaviours/ending-reads.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(endingReads);
