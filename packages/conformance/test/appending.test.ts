import { runTopic } from "../src/run-topic.js";
import { appending } from "../src/topics/appending.js";

runTopic(appending);
