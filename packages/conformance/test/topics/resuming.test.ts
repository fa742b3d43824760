import { resuming } from "../../src/behaviours/resuming.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(resuming);
