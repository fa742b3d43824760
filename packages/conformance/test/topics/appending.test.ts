import { appending } from "../../src/behaviours/appending.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(appending);
