import { catchingUp } from "../../src/behaviours/catching-up.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(catchingUp);
