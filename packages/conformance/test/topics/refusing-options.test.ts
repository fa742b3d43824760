import { refusingOptions } from "../../src/behaviours/refusing-options.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(refusingOptions);
