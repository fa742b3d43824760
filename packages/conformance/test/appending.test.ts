import { runTopic } from "../src/run-topic.js";
import { appending } from "../src/behaviours/appending.js";

runTopic(appending);
