import { refusingReads } from "../../src/behaviours/refusing-reads.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(refusingReads);
