import { runTopic } from "../src/run-topic.js";
import { naming } from "../src/behaviours/naming.js";

runTopic(naming);
