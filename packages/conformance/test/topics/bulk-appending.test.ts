import { bulkAppending } from "../../src/behaviours/bulk-appending.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(bulkAppending);
