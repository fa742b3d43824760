import { paging } from "../../src/behaviours/paging.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(paging);
