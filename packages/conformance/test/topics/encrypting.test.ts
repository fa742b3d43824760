import { encrypting } from "../../src/behaviours/encrypting.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(encrypting);
