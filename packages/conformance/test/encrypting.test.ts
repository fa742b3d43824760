import { runTopic } from "../src/run-topic.js";
import { encrypting } from "../src/behaviours/encrypting.js";

runTopic(encrypting);
