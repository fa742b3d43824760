import { runTopic } from "../src/run-topic.js";
import { naming } from "../src/topics/naming.js";

runTopic(naming);
