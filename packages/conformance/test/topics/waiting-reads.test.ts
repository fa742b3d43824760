import { waitingReads } from "../../src/behaviours/waiting-reads.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(waitingReads);
