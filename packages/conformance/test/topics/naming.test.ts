import { naming } from "../../src/behaviours/naming.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(naming);
